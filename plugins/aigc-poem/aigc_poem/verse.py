"""Verse as lines: taking a text apart, and marking what is wrong in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from aigc_poem.hanzi import is_hanzi

_TITLE = re.compile(r"^(?:#+ .*|\*\*.*\*\*|《.*》|[^,.;:!?，。]*:)$")
_BREAKS = re.compile(r"[，。！？；：、,.!?;:\s]+")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong.

    Attributes:
        problem: A sentence.
        line: The line it is in, from 0; None if it concerns the whole.
        start: Where it begins within the line.
        end: Where it ends within the line.
    """

    problem: str
    line: int | None = None
    start: int = 0
    end: int = 0


def lines_of(text: str) -> list[str]:
    """Return the lines of a poem, without a title, empty lines and space around them."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) > 1 and (_TITLE.match(lines[0]) or not lines[1]):
        more = [line for line in lines[1:] if line]
        lines = more if _TITLE.match(lines[0]) or _has_odd_head(lines) else lines
    return [line for line in lines if line]


def chinese_lines(text: str) -> list[str]:
    """Return the lines of a Chinese poem, characters only: punctuation and line ends divide them alike."""
    parts = _BREAKS.split("\n".join(lines_of(text)))
    kept = ["".join(character for character in part if is_hanzi(character)) for part in parts]
    return [line for line in kept if line]


def marked(lines: Sequence[str], faults: Sequence[Fault]) -> str:
    """Return the lines with ``^`` under every place that has a fault; empty if none has a place."""
    shown: list[str] = []
    any_marks = False
    for index, line in enumerate(lines):
        under = [False] * len(line)
        for fault in faults:
            if fault.line == index:
                for at in range(fault.start, min(fault.end, len(line))):
                    under[at] = True
        shown.append(line)
        if any(under):
            any_marks = True
            marks = "".join(("^" if at else " ") * width(character) for at, character in zip(under, line, strict=True))
            shown.append(marks.rstrip())
    return "\n".join(shown) if any_marks else ""


def width(character: str) -> int:
    """Return how many columns of a terminal a character takes."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _has_odd_head(lines: Sequence[str]) -> bool:
    """A first line that stands alone is a title where the rest is in one block."""
    return not lines[1] and "" not in lines[2:]
