"""What the user means by what was typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from aigc_cli.core.feedback import Vote

SLASHES = "/／"
VOTES: dict[str, Vote] = {"+": 1, "＋": 1, "-": -1, "－": -1}
_LEAVING = frozenset({"exit", "quit", ":q"})


@dataclass(frozen=True, slots=True)
class Say:
    """Send ``text`` to the model."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """Run the command ``name``, in lower case, with what follows it."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Run ``command`` in a shell."""

    command: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Vote on the last answer, and say why in ``words``. Before there is one, words make it a message, ``text``."""

    value: Vote
    words: str
    text: str


Line: TypeAlias = Say | Call | Run | Judge


def parse(text: str) -> Line | None:
    """Return what ``text`` means, or None if it is blank.

    A slash, also a full-width one, begins a command if it is the very first character. Two of them are how a message
    begins with one, or with a sign that would mean something else: ``//x`` says "/x", ``//+`` says "+". A plus or
    minus votes if it stands alone in a line, or before a space; lines of a list are a message.
    """
    stripped = text.strip()
    if not stripped:
        return None
    if text[0] in SLASHES:
        if len(text) > 1 and text[1] in SLASHES:
            return Say(text[2:] if text[2:3] in VOTES or text[2:3] == "!" else text[1:])
        name, _, argument = stripped[1:].partition(_gap(stripped))
        return Call(name.lower(), argument.strip())
    if text[0] == "!" and stripped != "!":
        return Run(stripped[1:].strip())
    if stripped.lower() in _LEAVING:
        return Call("quit")
    if stripped in VOTES or (text[0] in VOTES and text[1].isspace() and "\n" not in stripped):
        return Judge(VOTES[stripped[0]], stripped[1:].strip(), text.rstrip())
    return Say(text.rstrip())


def _gap(text: str) -> str:
    """Return the character that ends the first word: a space, a newline, an ideographic space."""
    return next((char for char in text if char.isspace()), " ")
