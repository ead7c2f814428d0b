"""Outlines: what an article is to say, in which order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aigc_article.text import clipped, units

_TITLE = re.compile(r"#\s+(.+)")
_HEADING = re.compile(r"(?:#{2,}\s+|\d{1,2}[.)、．]\s*|[一二三四五六七八九十]+[、.．]\s*)(.+)")
_POINT = re.compile(r"\s*[-*+•·]\s+(.+)|\s+(\S.*)")
_ORDINAL = re.compile(
    r"(?:(?:section|part|chapter|point)\s*(?:\d+|[ivx]+|one|two|three|four|five)\b|第?[一二三四五六七八九十\d]+[节章部分、.]+)"
    r"[\s.:：-]*",
    re.IGNORECASE,
)
_EMPTY = re.compile(r"(?:heading|point|section|title|first|second|third|小标题|标题|要点|小节)\W*", re.IGNORECASE)
_MARKUP = re.compile(r"\*\*|__|`")
_LAST = re.compile(r"(?:in )?(?:conclusion|summary|closing|final)\b|结语|结论|总结|小结|尾声", re.IGNORECASE)
_SAME = 0.6  # share of their words that two lines say the same with
_LONGEST_WORD = 20  # letters; longer ones are noise
_MOST_IN_HEADING = 18
_MOST_IN_POINT = 40


@dataclass(frozen=True, slots=True)
class Section:
    """One section of an article: its heading, and what is to be said in it."""

    heading: str
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """The sections of an article in their order; ``title`` is empty where none is given."""

    sections: tuple[Section, ...]
    title: str = ""

    def markdown(self) -> str:
        """Return the outline as `parse` reads it."""
        lines = [f"# {self.title}", ""] if self.title else []
        for section in self.sections:
            lines += [f"## {section.heading}", *(f"- {point}" for point in section.points)]
        return "\n".join(lines) + "\n"


def parse(text: str) -> Outline:
    """Read an outline: headings of Markdown or numbered lines, with lists or indented lines of points below them.

    A heading of the first level before all others is the title. Lines that are none of these are left out.
    """
    title = ""
    sections: list[tuple[str, list[str]]] = []
    for line in _MARKUP.sub("", text).splitlines():
        first = _TITLE.fullmatch(line.strip())
        if first and not title and not sections:
            title = first[1].strip()
        elif match := first or _HEADING.fullmatch(line.rstrip()):
            sections.append((match[1].strip(), []))
        elif sections and (match := _POINT.fullmatch(line.rstrip())):
            sections[-1][1].append((match[1] or match[2]).strip())
    return Outline(tuple(Section(heading, tuple(points)) for heading, points in sections), title)


def pooled(drafts: Sequence[Outline], count: int, example: str = "") -> Outline:
    """Return at most ``count`` sections from what a model drafted, the fullest draft first.

    Numbers, empty names, what was said before and what the model copied from the ``example`` it was shown are left
    out, and lines are not longer than they need to be.
    """
    seen = {frozenset(units(line)) for line in example.splitlines()}
    sections: list[Section] = []
    for draft in sorted(drafts, key=lambda draft: -len(draft.sections)):
        for section in draft.sections:
            heading = _tidied(section.heading, _MOST_IN_HEADING, seen)
            if heading and len(sections) < count:
                points = [_tidied(point, _MOST_IN_POINT, seen) for point in section.points]
                sections.append(Section(heading, tuple(filter(None, points))))
    return Outline(
        (*(s for s in sections if not _LAST.match(s.heading)), *(s for s in sections if _LAST.match(s.heading)))
    )


def _tidied(text: str, most: int, seen: set[frozenset[str]]) -> str:
    """Return ``text`` in short, or nothing if it says nothing new; what it says is in ``seen`` then."""
    short = clipped(_ORDINAL.sub("", text, count=1), most)
    said = frozenset(units(short))
    if not said or _EMPTY.fullmatch(short) or max(map(len, said)) > _LONGEST_WORD:
        return ""
    if any(len(said & other) >= _SAME * len(said | other) for other in seen):
        return ""
    seen.add(said)
    return short.capitalize() if short.isupper() else short
