"""What a slash command is. One list of them feeds running, help and completion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.text import N_, Notice

if TYPE_CHECKING:
    from aigc_cli.repl.session import Session


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion of an argument: ``text`` takes the place of its last ``replaces`` characters."""

    text: str
    replaces: int
    note: str = ""


def nothing(session: Session, argument: str) -> Iterable[Suggestion]:
    """Suggest nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command.

    Attributes:
        name: What follows the slash.
        summary: A line of help, marked for translation.
        run: Is given what follows the name, without space around it.
        aliases: Other names, without the slash.
        arguments: How to write what follows the name.
        suggest: Completes what follows the name; must be quick, as it runs at every key.
    """

    name: str
    summary: str
    run: Callable[[Session, str], None]
    aliases: tuple[str, ...] = ()
    arguments: str = ""
    suggest: Callable[[Session, str], Iterable[Suggestion]] = nothing

    @property
    def names(self) -> tuple[str, ...]:
        """All names, the usual one first."""
        return (self.name, *self.aliases)


class Registry:
    """The slash commands, in the order in which help shows them.

    Raises:
        ValueError: if two have a name in common.
    """

    def __init__(self, commands: Sequence[Command]) -> None:
        self._commands = tuple(commands)
        self._by_name: dict[str, Command] = {}
        for command in commands:
            for name in command.names:
                if name in self._by_name:
                    raise ValueError(f"two commands are called {name!r}")
                self._by_name[name] = command

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands)

    def find(self, name: str) -> Command:
        """Return the command of this name.

        Raises:
            UsageProblem: if there is none; it names those that are near.
        """
        if command := self._by_name.get(name.lower()):
            return command
        text = N_("there is no command /{name}, and nothing was sent; `/help` lists them, `//` sends a slash")
        near = self._near(name)
        if near:
            text = N_("there is no command /{name}, and nothing was sent; did you mean {near}?")
        raise UsageProblem(detail=Notice(text, {"name": name, "near": ", ".join(f"/{one}" for one in near)}))

    def _near(self, name: str) -> list[str]:
        begun = [known for known in self._by_name if name and known.startswith(name)]
        return (begun or get_close_matches(name, self._by_name, 3))[:3]


def number(argument: str) -> int:
    """Return an argument that has to be a whole number.

    Raises:
        UsageProblem: if it is none.
    """
    try:
        return int(argument)
    except ValueError:
        raise UsageProblem(detail=Notice(N_("{argument!r} is no number"), {"argument": argument})) from None
