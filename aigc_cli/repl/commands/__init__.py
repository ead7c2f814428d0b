"""The slash commands by what they are about, and all of them together."""

from __future__ import annotations

from aigc_cli.repl.command import Registry
from aigc_cli.repl.commands.about import COMMANDS as ABOUT
from aigc_cli.repl.commands.about import HELP
from aigc_cli.repl.commands.branches import COMMANDS as BRANCHES
from aigc_cli.repl.commands.conversations import COMMANDS as CONVERSATIONS
from aigc_cli.repl.commands.model import COMMANDS as MODEL
from aigc_cli.repl.commands.texts import COMMANDS as TEXTS


def registry() -> Registry:
    """Return all commands, in the order of help."""
    return Registry([HELP, *CONVERSATIONS, *BRANCHES, *MODEL, *TEXTS, *ABOUT])
