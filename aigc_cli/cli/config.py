"""``aigc config``: see and change settings."""

from __future__ import annotations

import os

import click

from aigc_cli.app import App
from aigc_cli.cli import show
from aigc_cli.cli.options import json_option
from aigc_cli.core.errors import SettingError
from aigc_cli.i18n import _
from aigc_cli.render.tables import print_json, print_table


@click.group(help=_("See and change settings."))
def config() -> None:
    """Group the commands below."""


@config.command("list", help=_("List every setting, its value and where the value comes from."))
@json_option
@click.pass_obj
def list_(app: App, as_json: bool) -> None:
    """Show all settings."""
    rows = [
        {
            "key": item.key,
            "value": item.value,
            "source": item.source,
            "description": _(item.description),
            "choices": list(item.choices),
        }
        for item in app.explain_settings()
    ]
    if as_json:
        print_json(show.out(app), rows)
    else:
        titles = {"key": _("setting"), "value": _("value"), "source": _("from"), "description": _("meaning")}
        shown = [{**row, "source": _(str(row["source"]))} for row in rows]
        print_table(show.out(app), shown, titles)


@config.command(help=_("Print the value of one setting."))
@click.argument("key")
@click.pass_obj
def get(app: App, key: str) -> None:
    """Show one value."""
    values = {item.key: item.value for item in app.explain_settings()}
    if key not in values:
        raise SettingError(key=key, detail=_("no such setting"))
    value = values[key]
    click.echo(str(value).lower() if isinstance(value, bool) else value)


@config.command("set", help=_("Write a setting to the settings file."))
@click.argument("key")
@click.argument("value")
@click.pass_obj
def set_(app: App, key: str, value: str) -> None:
    """Change one value."""
    app.change_setting(key, value)


@config.command(help=_("Remove a setting from the settings file, which brings its default back."))
@click.argument("key")
@click.pass_obj
def unset(app: App, key: str) -> None:
    """Forget one value."""
    app.change_setting(key, None)


@config.command(help=_("Print the path of the settings file."))
@click.pass_obj
def path(app: App) -> None:
    """Show where the file is, whether it exists or not."""
    click.echo(os.fspath(app.paths.settings))
