"""``aigc prompts``: see, start and check prompt templates."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from aigc_cli.app import App
from aigc_cli.cli import show as streams
from aigc_cli.cli.options import json_option
from aigc_cli.core.template import PromptTemplate, Variable
from aigc_cli.core.text import N_, Notice
from aigc_cli.i18n import _, language
from aigc_cli.render.tables import print_fields, print_json, print_table, print_text
from aigc_cli.services.trying import standings


@click.group(help=_("Use and write prompt templates."))
def prompts() -> None:
    """Group the commands below."""


def complete_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of templates that begin with ``incomplete``, for the shell."""
    return sorted({info.name for info in App().templates.all() if info.name.startswith(incomplete)})


@prompts.command(
    "list", help=_("List the prompt templates. Yours come before those of plugins, and these before aigc's own.")
)
@json_option
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """Show every template in force."""
    streams.notices(app)
    infos = app.templates.all()
    if as_json:
        print_json(streams.out(app), [{**asdict(info), "path": os.fspath(info.path)} for info in infos])
        return
    rows = [
        {**asdict(info), "about": _("wrong: {detail}").format(detail=info.error) if info.error else info.description}
        for info in infos
    ]
    titles = {"name": _("name"), "language": _("language"), "source": _("from"), "about": _("what it does")}
    print_table(streams.out(app), rows, titles)


@prompts.command(help=_("Show one template. You see its variables and what the model will be told."))
@click.argument("name", shell_complete=complete_names)
@json_option
@click.pass_obj
def show(app: App, name: str, as_json: bool) -> None:
    """Show one template in the language of the interface, or in the one that the name says."""
    streams.notices(app)
    template = app.templates.get(name, interface=language())
    if as_json:
        print_json(streams.out(app), _as_data(template))
    else:
        _describe(app, template)


@prompts.command(
    help=_("Start a template of your own. It is a copy if there is one of this name; its path is printed.")
)
@click.argument("name", shell_complete=complete_names)
@click.option("--lang", help=_("Language of the template, such as en or zh; the interface's if not given."))
@click.pass_obj
def new(app: App, name: str, lang: str | None) -> None:
    """Write a file that works and is to be edited."""
    click.echo(os.fspath(app.templates.new(name, lang or language())))


@prompts.command(
    help=_("Check template files. Without FILE, every template in force is checked; each problem is a line.")
)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.pass_context
def check(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Exit with 1 if there is any problem."""
    app: App = ctx.obj
    streams.notices(app)
    paths = files or [info.path for info in app.templates.all()]
    problems = [f"{path}: {problem}" for path in paths for problem in app.templates.check(path)]
    if problems:
        print_text(streams.out(app), "\n".join(problems))
        ctx.exit(1)


@prompts.command(
    help=_("Show how the votes on templates stand. With NAME, all variants of that one are shown, voted on or not.")
)
@click.argument("name", required=False, shell_complete=complete_names)
@json_option
@click.pass_obj
def stats(app: App, name: str | None, as_json: bool) -> None:
    """Show likes, dislikes and what they say, a line for each wording."""
    template = app.templates.get(name, interface=language()) if name else None
    found = standings(app.store, template)
    if as_json:
        print_json(streams.out(app), [asdict(one) for one in found])
        return
    streams.notices(app)
    if not found:
        app.notify(Notice(N_("no votes on what templates made yet")))
    rows = [
        {**asdict(one), "share": f"{one.mean:.0%} ({one.low:.0%}-{one.high:.0%})", "best": f"{one.best:.0%}"}
        for one in found
    ]
    columns = {"template": _("template"), "variant": _("variant"), "liked": "+", "disliked": "-"}
    print_table(streams.out(app), rows, columns | {"share": _("likes to expect"), "best": _("chance to be the best")})


@prompts.command(
    help=_(
        "Make the words of a variant the template's own, in a copy that is yours; its path is printed. "
        "VARIANT `base` keeps the words it has."
    )
)
@click.argument("name", shell_complete=complete_names)
@click.argument("variant")
@click.pass_obj
def promote(app: App, name: str, variant: str) -> None:
    """Write the user's own file, with the next version and without variants."""
    click.echo(os.fspath(app.templates.promote(app.templates.get(name, interface=language()), variant)))


def _as_data(template: PromptTemplate) -> dict[str, Any]:
    return {**asdict(template), "path": os.fspath(template.path)}


def _describe(app: App, template: PromptTemplate) -> None:
    out = streams.out(app)
    fields = {
        _("name"): template.reference,
        _("what it does"): template.description,
        _("from"): template.source,
        _("file"): template.path,
        _("variants"): [variant.name for variant in template.variants],
    }
    sampling = {**template.sampling, "max_tokens": template.max_tokens, "stop": [repr(s)[1:-1] for s in template.stop]}
    print_fields(out, {**fields, **sampling})
    rows = [_variable_row(variable) for variable in template.variables]
    titles = {"name": _("variable"), "type": _("type"), "default": _("default"), "help": _("meaning")}
    if rows:
        print_text(out, "")
    print_table(out, rows, titles)
    stand_ins = {variable.name: _stand_in(variable) for variable in template.variables if variable.default is None}
    text = "{{ input }}" if template.takes_input else ""
    for message in app.fill_template(template.full_name, stand_ins, text).messages:
        print_text(out, f"\n[{message.role}]\n{message.content}")


def _variable_row(variable: Variable) -> dict[str, object]:
    default = _("(to be given)") if variable.default is None else variable.default
    return {**asdict(variable), "type": " | ".join(variable.choices) or variable.type, "default": default}


def _stand_in(variable: Variable) -> str:
    """Return something to show in place of a value that has to be given."""
    if variable.choices:
        return variable.choices[0]
    return f"{{{{ {variable.name} }}}}" if variable.type == "str" else "1"
