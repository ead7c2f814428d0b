"""``aigc plugins``: install, see and switch plugins."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from aigc_cli.app import App
from aigc_cli.cli import show as streams
from aigc_cli.cli.options import json_option, quiet_option
from aigc_cli.core.errors import NoSuchPlugin, UsageProblem
from aigc_cli.core.text import N_, Notice
from aigc_cli.i18n import _
from aigc_cli.render.tables import print_json, print_table, print_text

SETTING = "disable_plugins"
EVERY_ONE = "all"


@click.group(help=_("Install, see and switch plugins."))
def plugins() -> None:
    """Group the commands below."""


def complete_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of plugins that begin with ``incomplete``, for the shell."""
    return [name for name in App().plugins.names() if name.startswith(incomplete)]


@plugins.command("list", help=_("List the installed plugins. You see what each provides, and what is wrong with it."))
@json_option
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """Show every plugin, loading those that are not disabled."""
    rows = [asdict(info) for info in app.plugins.infos()]
    if as_json:
        print_json(streams.out(app), rows)
        return
    titles = {
        "name": _("name"),
        "distribution": _("package"),
        "version": _("version"),
        "provides": _("provides"),
        "state": _("state"),
        "error": _("error"),
    }
    streams.notices(app)
    if any(row["state"] == "failed" for row in rows):
        app.notify(Notice(N_("`aigc plugins disable NAME` turns off one that failed")))
    states = {"enabled": _("enabled"), "disabled": _("disabled"), "failed": _("failed")}
    print_table(streams.out(app), [{**row, "state": states[row["state"]]} for row in rows], titles)


@plugins.command(help=_("Load a plugin again."))
@click.argument("name", shell_complete=complete_names)
@click.pass_obj
def enable(app: App, name: str) -> None:
    """Take a plugin off the list of those not to load."""
    disabled = _disabled(app)
    if name not in disabled and name not in app.plugins.names():
        raise NoSuchPlugin(name=name)
    _write(app, disabled - {name})


@plugins.command(help=_("Do not load a plugin any more. Nothing is uninstalled."))
@click.argument("name", shell_complete=complete_names)
@click.pass_obj
def disable(app: App, name: str) -> None:
    """Put a plugin on the list of those not to load, without loading it once more."""
    if name not in app.plugins.names():
        raise NoSuchPlugin(name=name)
    _write(app, _disabled(app) | {name})


@plugins.command(
    help=_(
        "Install a plugin. WHAT is article, poem or code, or a package, a folder, or the URL of a git repository. "
        "A plugin can do whatever you can: install only what you would run as a program."
    )
)
@click.argument("what")
@click.option("-e", "--editable", is_flag=True, help=_("Use a folder where it is, so that changes count at once."))
@quiet_option
@click.pass_obj
def install(app: App, what: str, editable: bool, quiet: bool) -> None:
    """Install a package and say which plugins came with it."""
    streams.notices(app, quiet=quiet)
    app.notify(Notice(N_("installing {what} with pip"), {"what": what}))
    for plugin in app.plugins.install(what, editable=editable):
        about = {"name": plugin.name, "package": plugin.distribution, "version": plugin.version}
        app.notify(Notice(N_("{name} is installed ({package} {version}); `aigc {name} --help` describes it"), about))


@plugins.command(help=_("Uninstall the package of a plugin."))
@click.argument("name", shell_complete=complete_names)
@quiet_option
@click.pass_obj
def uninstall(app: App, name: str, quiet: bool) -> None:
    """Remove a package."""
    streams.notices(app, quiet=quiet)
    app.notify(Notice(N_("{package} is uninstalled"), {"package": app.plugins.uninstall(name)}))


@plugins.command(help=_("Start a plugin of your own: a package with a working generator and its tests."))
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=".",
    help=_("Where to put it; else here."),
)
@click.pass_obj
def new(app: App, name: str, folder: Path) -> None:
    """Write a package and print its path."""
    print_text(streams.out(app), str(app.plugins.new(name, folder)))


def _disabled(app: App) -> set[str]:
    """Return the names in the settings file; a variable in the environment would make writing it pointless."""
    (setting,) = [item for item in app.explain_settings() if item.key == SETTING]
    if setting.source.startswith("AIGC_"):
        raise UsageProblem(detail=_("{variable} is set and decides: change it there").format(variable=setting.source))
    names = {name.strip() for name in str(setting.value).split(",") if name.strip()}
    return set(app.plugins.names()) if EVERY_ONE in names else names


def _write(app: App, names: set[str]) -> None:
    app.change_setting(SETTING, ",".join(sorted(names)) or None)
