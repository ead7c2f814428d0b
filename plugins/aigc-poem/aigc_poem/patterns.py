"""The tone patterns of regulated verse (近体诗), after 王力《诗词格律》.

A pattern is a text of 平, 仄 and 中 (either). There are four kinds of line, named as usual: ``a`` 仄仄平平仄 and ``A``
仄仄仄平平, ``b`` 平平平仄仄 and ``B`` 平平仄仄平; capital ones rhyme. With two characters of the other tone before
them they are the lines of seven. The order of lines follows from the first: within a couplet tones are opposed (对),
between couplets the second characters agree (粘).
"""

from __future__ import annotations

from dataclasses import dataclass

# What is taught as correct: 一三五不论 within its limits. B has no 孤平 (仄平仄仄平), A no 三平尾 (仄仄平平平).
_TAUGHT = {
    "a": ("中仄平平仄",),
    "A": ("中仄仄平平",),
    "b": ("中平平仄仄",),
    "B": ("平平中仄平", "仄平平仄平"),
}
# What good poets also wrote: a third character of a and b that gives way, and 平平仄平仄 for b (特拗).
_TOLERATED = {
    "a": ("中仄中平仄",),
    "A": ("中仄仄平平",),
    "b": ("中平中仄仄", "平平仄平仄"),
    "B": ("平平中仄平", "仄平平仄平"),
}
# A fourth oblique character of a (拗) is made good by a third level one in the B that follows (对句救).
_BROKEN, _RESCUE = "中仄中仄仄", "中平平仄平"

_NAMES = {
    5: {"a": "仄起首句不入韵", "A": "仄起首句入韵", "b": "平起首句不入韵", "B": "平起首句入韵"},
    7: {"a": "平起首句不入韵", "A": "平起首句入韵", "b": "仄起首句不入韵", "B": "仄起首句入韵"},
}


@dataclass(frozen=True, slots=True)
class Scheme:
    """The kinds of the lines of a poem, such as "aBbA".

    Attributes:
        kinds: One letter for each line.
        width: 5 or 7 characters in a line.
    """

    kinds: str
    width: int

    @property
    def name(self) -> str:
        """What it is called, such as 仄起首句不入韵."""
        return _NAMES[self.width][self.kinds[0]]

    @property
    def rhyming(self) -> tuple[int, ...]:
        """The lines that rhyme."""
        return tuple(index for index, kind in enumerate(self.kinds) if kind.isupper())

    def taught(self, line: int) -> tuple[str, ...]:
        """Return the patterns for a line that nobody objects to; what is generated keeps to them."""
        return _wide(self.kinds[line], _TAUGHT[self.kinds[line]], self.width)

    def tolerated(self, line: int) -> tuple[str, ...]:
        """Return the patterns for a line that a check accepts."""
        return _wide(self.kinds[line], _TOLERATED[self.kinds[line]], self.width)

    def broken(self, line: int) -> tuple[str, str] | None:
        """Return what this line may also be if the next one makes up for it, and what that must be then."""
        if self.kinds[line : line + 2] != "aB":
            return None
        return _wide("a", (_BROKEN,), self.width)[0], _wide("B", (_RESCUE,), self.width)[0]


def schemes(width: int, lines: int) -> tuple[Scheme, ...]:
    """Return the four schemes of a poem of 4 or 8 lines."""
    return tuple(Scheme(_kinds(first, lines), width) for first in "aAbB")


def couplets(width: int) -> tuple[Scheme, ...]:
    """Return the two schemes of a couplet (对联): both lines regulated, the first ending oblique."""
    return Scheme("aB", width), Scheme("bA", width)


def _kinds(first: str, lines: int) -> str:
    """The first line opens either of two rounds, aBbA and bAaB; where it rhymes, it stands in for the other's."""
    rest = {"a": "BbA", "A": "BbA", "b": "AaB", "B": "AaB"}[first]
    unrhymed = {"BbA": "aBbA", "AaB": "bAaB"}[rest]
    return (first + rest + unrhymed * (lines // 4))[:lines]


def _wide(kind: str, patterns: tuple[str, ...], width: int) -> tuple[str, ...]:
    front = "" if width == 5 else {"a": "中平", "b": "中仄"}[kind.lower()]
    return tuple(front + pattern for pattern in patterns)
