"""The slash commands by what they are about, and all of them together."""

from __future__ import annotations

from aigc_cli.repl.command import Registry
from aigc_cli.repl.commands import about, branches, conversations, model, texts


def registry() -> Registry:
    """Return all commands."""
    return Registry(
        [
            about.HELP,
            *conversations.COMMANDS,
            *branches.COMMANDS,
            *model.COMMANDS,
            *texts.COMMANDS,
            *about.COMMANDS,
        ]
    )
