"""``aigc tune``: votes become an adapter, which is examined before it answers."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import click

from aigc_cli.app import App
from aigc_cli.cli import duel
from aigc_cli.cli import show as streams
from aigc_cli.cli.boundary import INTERRUPTED
from aigc_cli.cli.options import complete_adapters, json_option, model_option
from aigc_cli.core.errors import MissingExtra, TooFewVotes, UnwritableFile
from aigc_cli.core.interrupt import interrupts
from aigc_cli.core.text import Notice
from aigc_cli.core.tuning import Adapter, Wanted
from aigc_cli.i18n import _
from aigc_cli.render.complaint import explain
from aigc_cli.render.tables import print_fields, print_json, print_table, print_text
from aigc_cli.render.training import PHASES, TrainingProgress, print_checks, training_progress
from aigc_cli.render.tuning_report import tuning_report
from aigc_cli.services.examine import Examining
from aigc_cli.services.tuning import Paused, Plan, Tuned, TuneEvent

METHODS = get_args(Wanted)

name_argument = click.argument("name", shell_complete=complete_adapters)


@click.group(help=_("Train the model on your votes, and use what proves better."))
def tune() -> None:
    """Group the commands below."""


@tune.command(help=_("Show what your votes can train now, what is missing, and what it would take."))
@model_option
@json_option
@click.pass_obj
def status(app: App, model: str | None, as_json: bool) -> None:
    """Show the votes, the adapter in use, and a plan or the reason why there is none."""
    streams.notices(app)
    found = app.loader.find(model)
    lessons = app.tuner.lessons(None)
    use = app.adapters.in_use(found)
    facts: dict[str, Any] = {
        "model": found.alias,
        "liked": lessons.data.liked,
        "disliked": lessons.data.disliked,
        "pairs": lessons.data.pairs,
        "held_back": len(lessons.evidence.votes),
        "in_use": f"{use.name}:{use.scale:g}" if use else None,
    }
    missing, plan = "", None
    try:
        plan = app.tuner.plan(model, "auto", None, None)
    except (TooFewVotes, MissingExtra) as error:
        missing = explain(error)
    out = streams.out(app)
    if as_json:
        planned = _plain(plan) if plan else None
        print_json(out, {"version": 1, **facts, "plan": planned, "missing": missing or None})
        return
    titles = {
        "model": _("model"),
        "liked": _("liked answers"),
        "disliked": _("disliked answers"),
        "pairs": _("pairs"),
        "held_back": _("votes held back"),
        "in_use": _("adapter in use"),
    }
    print_fields(out, {title: facts[key] for key, title in titles.items()})
    print_fields(out, _described(plan) if plan else {_("missing"): missing})


@tune.command(help=_("Train an adapter on your votes and examine it. A training that was stopped goes on."))
@model_option
@click.option("--method", type=click.Choice(METHODS), default="auto", help=_("What to train with; see docs/tuning.md."))
@click.option("--generator", metavar="NAME", help=_("Learn from the votes on this generator's answers only."))
@click.option("--name", help=_("Name of the adapter."))
@click.option("--dry-run", is_flag=True, help=_("Show what would be done."))
@json_option
@click.pass_obj
def train(
    app: App,
    model: str | None,
    method: Wanted,
    generator: str | None,
    name: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Plan, train, examine, and say what came of it."""
    streams.notices(app)
    out = streams.out(app)
    plan = app.tuner.plan(model, method, generator, name)
    if dry_run and as_json:
        print_json(out, _plain(plan))
        return
    if not as_json:
        print_fields(out, _described(plan))
    if dry_run:
        return
    cancel = threading.Event()
    last: TuneEvent | None = None
    training = app.tuner.train(plan, cancel)
    with interrupts(cancel), training_progress(streams.err(app)) as progress, closing(training):
        for event in training:
            _show(progress, event)
            last = event
    if isinstance(last, Paused):
        streams.notices(app)
        app.notify(Notice(_("stopped; `aigc tune train` goes on with {name}"), {"name": last.name}))
        click.get_current_context().exit(INTERRUPTED)
    assert isinstance(last, Tuned)  # noqa: S101 - what comes last otherwise
    _report(app, last.adapter, as_json)


@tune.command("list", help=_("List your adapters."))
@json_option
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """Show all adapters, and which of them answer."""
    used = {(one.sha256, use.name): use.scale for one in app.catalog.installed() if (use := app.adapters.in_use(one))}
    rows = [
        {
            "name": one.name,
            "model": one.model,
            "method": one.method,
            "generator": one.generator,
            "state": one.state,
            "created": one.created,
            "in_use": (one.model_sha256, one.name) in used,
        }
        for one in app.adapters.all()
    ]
    if as_json:
        print_json(streams.out(app), rows)
        return
    titles = {
        "name": _("name"),
        "model": _("model"),
        "method": _("method"),
        "state": _("state"),
        "in_use": _("in use"),
        "created": _("created"),
    }
    shown = [{**row, "state": _state(row["state"]), "created": str(row["created"])[:10]} for row in rows]
    print_table(streams.out(app), shown, titles)


@tune.command(help=_("Show how an adapter was made and what its examination found."))
@name_argument
@json_option
@click.pass_obj
def show(app: App, name: str, as_json: bool) -> None:
    """Show everything that is known of an adapter."""
    _report(app, app.adapters.get(name), as_json)


@tune.command("eval", help=_("Compare an adapter with the model: by your duels, and by a judge made of your votes."))
@name_argument
@click.option("--duel", "duels", type=click.IntRange(min=0), default=0, metavar="N", help=_("Choose blindly N times."))
@json_option
@click.pass_context
def eval_(ctx: click.Context, name: str, duels: int, as_json: bool) -> None:
    """Let the user choose, judge, and say how often the adapter wins."""
    app: App = ctx.obj
    streams.notices(app)
    adapter = app.adapters.get(name)
    for question in app.tuner.questions(adapter)[:duels]:
        app.notify(Notice(_("question: {question}"), {"question": question}))
        between = (f"adapter={name}", "adapter=none")
        ctx.invoke(duel.new, prompt=(question,), between=between, model=adapter.model, system=None, as_json=False)
    proven = app.tuner.prove(adapter, app.notify)
    if as_json:
        print_json(streams.out(app), {"version": 1, "name": name, **proven.proof})
        return
    print_fields(streams.out(app), _proof(proven.proof))


@tune.command(help=_("Answer with an adapter from now on, if it is proven better."))
@click.argument("name", metavar="NAME[:SCALE]", shell_complete=complete_adapters)
@click.option("--force", is_flag=True, help=_("Use it whatever its examination found."))
@click.pass_obj
def use(app: App, name: str, force: bool) -> None:
    """Make an adapter the default for its model."""
    streams.notices(app)
    chosen = app.adapters.use(name, force=force)
    params = {"model": chosen.adapter.model, "name": f"{chosen.adapter.name}:{chosen.scale:g}"}
    app.notify(Notice(_("{model} answers with {name} from now on; `aigc tune rollback` undoes this"), params))


@tune.command(help=_("Answer with what was in use before the last `aigc tune use`."))
@model_option
@click.pass_obj
def rollback(app: App, model: str | None) -> None:
    """Undo the last use."""
    streams.notices(app)
    found = app.loader.find(model)
    before = app.adapters.roll_back(found)
    name = f"{before.name}:{before.scale:g}" if before else _("no adapter")
    app.notify(Notice(_("{model} answers with {name} again"), {"model": found.alias, "name": name}))


@tune.command(help=_("Write what is known of an adapter to an HTML page, with curves and answers before and after."))
@name_argument
@click.option("-o", "--output", type=click.Path(path_type=Path), help=_("File to write; else beside the adapter."))
@click.pass_obj
def report(app: App, name: str, output: Path | None) -> None:
    """Write the page and say where it is."""
    adapter = app.adapters.get(name)
    path = output or app.adapters.folder(name) / "report.html"
    try:
        path.write_text(tuning_report(adapter, app.adapters.curves(name)), encoding="utf-8")
    except OSError as error:
        raise UnwritableFile(path=path, detail=error.strerror or error) from error
    print_text(streams.out(app), str(path))


@tune.command(help=_("Delete an adapter with its checkpoints and its copy of your votes."))
@name_argument
@click.pass_obj
def delete(app: App, name: str) -> None:
    """Delete everything about an adapter."""
    app.adapters.delete(name)


@tune.command("import", help=_("Take in an adapter trained elsewhere: a folder as PEFT saves it, or a GGUF file."))
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--name", required=True, help=_("Name of the adapter."))
@model_option
@click.pass_obj
def import_(app: App, source: Path, name: str, model: str | None) -> None:
    """Check and copy an adapter."""
    streams.notices(app)
    app.adapters.take_in(source, name, app.loader.find(model))
    app.notify(Notice(_("{name} is here; `aigc ask --adapter {name}` answers with it"), {"name": name}))


def _show(progress: TrainingProgress, event: TuneEvent) -> None:
    match event:
        case Examining(done=done, total=total):
            progress.phase("examine")
            progress.step(done, total)
        case {"event": "phase", "name": name}:
            progress.phase(name)
        case {"event": "step", "method": method, "step": step, "steps": steps, "loss": loss, "margin": margin}:
            progress.phase(method)
            progress.step(step, steps, loss, margin)


def _report(app: App, adapter: Adapter, as_json: bool) -> None:
    out = streams.out(app)
    if as_json:
        print_json(out, {"version": 1, **asdict(adapter), "path": str(app.adapters.file(adapter.name))})
        return
    card = adapter.card
    stages = card.get("stages", ())
    fields = {
        _("adapter"): adapter.name,
        _("state"): _state(adapter.state),
        _("model"): adapter.model,
        _("licence of the model"): card.get("license"),
        _("method"): adapter.method,
        _("generator"): adapter.generator,
        _("stages"): ", ".join(f"{one['method']} ×{one['steps']}" for one in stages),
        _("learned from"): _data(card.get("data")),
        _("strength"): card.get("strength"),
        _("seconds"): card.get("seconds") and f"{card['seconds']:.0f}",
        _("file"): str(app.adapters.file(adapter.name)),
    }
    print_fields(out, fields)
    if adapter.proof:
        print_fields(out, _proof(adapter.proof))
    if adapter.gate:
        out.stream.write("\n")
        print_checks(out, adapter.gate)


def _proof(proof: Mapping[str, Any]) -> dict[str, object]:
    missing = proof["missing"]
    more = _("no number") if missing is None else missing or None
    judges = {"you": _("your duels"), "votes": _("a judge made of your votes")}
    return {
        _("compared by"): judges[proof["judge"]],
        _("comparisons"): proof["comparisons"],
        _("wins"): f"{proof['share']:.0%} ({proof['low']:.0%}–{proof['high']:.0%})",
        _("more that would settle it"): more,
        _("the judge is right in"): None if proof["trust"] is None else f"≥ {proof['trust']:.0%}",
    }


def _plain(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "model": plan.model.alias,
        "method": plan.method,
        "generator": plan.generator,
        "stages": [asdict(stage) for stage in plan.stages],
        "data": asdict(plan.data),
        "held_back": plan.held_back,
        "max_length": plan.max_length,
        "seconds": round(plan.estimate.seconds),
        "memory": round(plan.estimate.memory),
        "resumes": plan.resumes,
    }


def _described(plan: Plan) -> dict[str, object]:
    minutes = max(1, round(plan.estimate.seconds / 60))
    basis = _("measured here") if plan.estimate.measured else _("a guess")
    return {
        _("adapter"): plan.name,
        _("goes on"): plan.resumes or None,
        _("learns from"): _data(asdict(plan.data)),
        _("held back"): _("{count} votes").format(count=plan.held_back),
        _("stages"): ", ".join(f"{_(PHASES[one.method])} ({one.method}, {one.steps})" for one in plan.stages),
        _("time"): _("about {minutes} min ({basis})").format(minutes=minutes, basis=basis),
        _("memory"): f"{plan.estimate.memory / 1e9:.1f} GB",
    }


def _data(data: Any) -> str | None:  # noqa: ANN401 - of the card
    if not data:
        return None
    return _("{liked} liked, {disliked} disliked, {pairs} pairs").format(**data)


def _state(state: object) -> str:
    return {
        "unfinished": _("unfinished"),
        "passed": _("passed"),
        "refused": _("refused"),
        "imported": _("imported"),
    }[str(state)]
