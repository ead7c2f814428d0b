"""Texts that an article may draw on: which parts of them a section needs, and whether a quote is in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aigc_article.text import joined, length, paragraphs, sentences, units

_PASSAGE = 120
_MOST_PASSAGES = 400
_QUOTE = re.compile(r"“([^“”]+)”|\"([^\"]+)\"|「([^「」]+)」|『([^『』]+)』")
_LEAST_QUOTED = 4


@dataclass(frozen=True, slots=True)
class Library:
    """Passages of the sources, and a vector of unit length for each."""

    passages: tuple[str, ...] = ()
    vectors: tuple[Sequence[float], ...] = ()

    def chosen(self, query: Sequence[float], budget: int, count: Callable[[str], int]) -> list[str]:
        """Return the passages nearest to ``query`` that take at most ``budget`` tokens together, in their order."""
        near = sorted(range(len(self.passages)), key=lambda i: (-_product(query, self.vectors[i]), i))
        taken: list[int] = []
        for i in near:
            cost = count(self.passages[i])
            if cost <= budget:
                taken.append(i)
                budget -= cost
        return [self.passages[i] for i in sorted(taken)]


def passages(sources: Sequence[str]) -> tuple[str, ...]:
    """Return the sources in parts of whole sentences, about as long as a paragraph; of a huge source, the beginning."""
    found: list[str] = []
    for source in sources:
        part = ""
        for paragraph in paragraphs(source):
            for sentence in sentences(paragraph):
                if part and length(part) + length(sentence) > _PASSAGE:
                    found.append(part.strip())
                    part = ""
                part += sentence
            part += "\n" if part else ""
        if part.strip():
            found.append(part.strip())
    return tuple(found[:_MOST_PASSAGES])


class Quotes:
    """The quotes that may stand in an article: those that occur in its sources.

    Words in quotation marks that are fewer than four are a name or a term, and are not looked for.
    """

    def __init__(self, sources: Sequence[str]) -> None:
        self._sources = [f" {' '.join(units(source))} " for source in sources]

    def checked(self, text: str) -> tuple[int, list[str]]:
        """Return how many quotes ``text`` has, and those that do not occur in the sources."""
        found = [quote for paragraph in paragraphs(text) for _, _, quote in _quotes(paragraph)]
        return len(found), [quote for quote in found if not self._occurs(quote)]

    def without_false(self, text: str) -> tuple[str, list[str]]:
        """Return ``text`` without the sentences that hold a quote which does not occur, and these quotes."""
        kept: list[list[str]] = []
        removed: list[str] = []
        for paragraph in paragraphs(text):
            false = [(start, end, quote) for start, end, quote in _quotes(paragraph) if not self._occurs(quote)]
            removed += [quote for _, _, quote in false]
            kept.append([])
            at = 0
            for sentence in sentences(paragraph):
                if not any(start < at + len(sentence) and at < end for start, end, _ in false):
                    kept[-1].append(sentence)
                at += len(sentence)
        return joined(kept), removed

    def _occurs(self, quote: str) -> bool:
        said = f" {' '.join(units(quote))} "
        return any(said in source for source in self._sources)


def _quotes(paragraph: str) -> list[tuple[int, int, str]]:
    """Return the quotes in a paragraph, each with where it begins and ends."""
    found = [(m.start(), m.end(), next(filter(None, m.groups()))) for m in _QUOTE.finditer(paragraph)]
    return [quote for quote in found if length(quote[2]) >= _LEAST_QUOTED]


def _product(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))
