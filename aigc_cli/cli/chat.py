"""``aigc chat``: the chat in the terminal."""

from __future__ import annotations

import sys

import click

from aigc_cli.app import App
from aigc_cli.cli import show
from aigc_cli.cli.options import model_option
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.text import N_
from aigc_cli.i18n import _


def on_a_terminal() -> bool:
    """Tell whether a person can chat here."""
    return bool(sys.stdin and sys.stdout and sys.stdin.isatty() and sys.stdout.isatty())


def run(app: App, *, model: str | None, system: str | None, follow: str | None, save: bool) -> None:
    """Chat until the user leaves.

    Raises:
        UsageProblem: if this is not a terminal.
    """
    if not on_a_terminal():
        raise UsageProblem(detail=N_("the chat needs a terminal; `aigc ask` answers one prompt without"))
    from aigc_cli.repl.loop import Repl

    repl = Repl(app, out=show.out(app), err=show.err(app), save=app.settings.save and save)
    repl.session.system = system
    repl.run(model=model, follow=follow)


@click.command(help=_("Chat in the terminal. `/help` lists what can be done there; Ctrl+D leaves."))
@model_option
@click.option("-s", "--system", help=_("System prompt."))
@click.option("-c", "--continue", "continued", is_flag=True, help=_("Continue the last conversation."))
@click.option("--conversation", metavar="REF", help=_("Continue this conversation, or from this turn."))
@click.option("--no-save", is_flag=True, help=_("Keep nothing in the history."))
@click.pass_obj
def chat(
    app: App, model: str | None, system: str | None, continued: bool, conversation: str | None, no_save: bool
) -> None:
    """Chat, perhaps going on with a conversation."""
    follow = conversation or ("last" if continued else None)
    run(app, model=model, system=system, follow=follow, save=not no_save)
