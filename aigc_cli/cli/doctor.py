"""``aigc doctor``: what is here, and what is wrong with it."""

from __future__ import annotations

import click

from aigc_cli.app import App
from aigc_cli.cli import show
from aigc_cli.cli.options import json_option
from aigc_cli.i18n import _, say
from aigc_cli.render.tables import print_fields, print_json, print_text
from aigc_cli.services.doctor import Report


@click.command(help=_("Check the installation and this machine; says what to do about each problem."))
@json_option
@click.pass_context
def doctor(ctx: click.Context, /, as_json: bool) -> None:
    """Show the report; the exit code is 1 if something keeps the program from working."""
    app = ctx.find_object(App)
    assert app is not None  # noqa: S101 - the root command makes it
    report = app.examine()
    if as_json:
        print_json(show.out(app), _as_data(report))
    else:
        _print(app, report)
    ctx.exit(1 if any(problem.serious for problem in report.problems) else 0)


def _as_data(report: Report) -> dict[str, object]:
    problems = [
        {"problem": say(problem.what), "remedy": say(problem.remedy), "serious": problem.serious}
        for problem in report.problems
    ]
    return {**report.facts, "problems": problems}


def _print(app: App, report: Report) -> None:
    out = show.out(app)
    for topic, facts in report.facts.items():
        print_text(out, _title(topic))
        print_fields(out, {_title(name): value for name, value in facts.items()}, indent="  ")
    if not report.problems:
        print_text(out, _("no problems found"))
    for problem in report.problems:
        print_text(out, f"{'✗' if problem.serious else '!'} {say(problem.what)}\n  → {say(problem.remedy)}")


def _title(key: str) -> str:
    titles = {
        "versions": _("versions"),
        "engine": _("engine"),
        "model": _("model"),
        "database": _("database"),
        "interface": _("interface"),
        "folders": _("folders"),
        "cpu": "CPU",
        "cpu_features": _("CPU features"),
        "cores": _("cores"),
        "threads": _("threads"),
        "layers": _("layers"),
        "gpu_layers": _("layers on a GPU"),
        "context": _("context"),
        "gpu_offload": _("use of a GPU"),
        "gpus": _("GPUs"),
        "name": _("name"),
        "file": _("file"),
        "bytes": _("bytes"),
        "turns": _("turns"),
        "language": _("language"),
        "locale": _("locale"),
        "encoding": _("encoding"),
        "config": _("settings"),
        "data": _("data"),
        "state": _("state"),
        "cache": _("cache"),
        "cache_bytes": _("bytes in the cache"),
    }
    return titles.get(key, key)
