"""The slash commands by what they are about, and all of them together."""

from __future__ import annotations

from collections.abc import Sequence

from aigc_cli.repl.command import Registry
from aigc_cli.repl.commands import generators
from aigc_cli.repl.commands.about import COMMANDS as ABOUT
from aigc_cli.repl.commands.about import HELP
from aigc_cli.repl.commands.branches import COMMANDS as BRANCHES
from aigc_cli.repl.commands.conversations import COMMANDS as CONVERSATIONS
from aigc_cli.repl.commands.duel import COMMANDS as DUEL
from aigc_cli.repl.commands.model import COMMANDS as MODEL
from aigc_cli.repl.commands.texts import COMMANDS as TEXTS
from aigc_cli.repl.commands.votes import COMMANDS as VOTES


def registry(plugins: Sequence[str] = ()) -> Registry:
    """Return all commands, in the order of help; a plugin has none if one of ours has its name."""
    ours = [HELP, *CONVERSATIONS, *BRANCHES, *VOTES, *DUEL, *MODEL, *TEXTS, *ABOUT]
    taken = {name for command in ours for name in command.names}
    return Registry([*ours, *generators.commands([name for name in plugins if name not in taken])])
