"""Writing one section: to its length, without saying again what was said, and with true quotes only."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from aigc_article import grammar
from aigc_article.document import Article
from aigc_article.outline import Outline
from aigc_article.repetition import Said
from aigc_article.sources import Library, Quotes
from aigc_article.task import Task
from aigc_article.text import balanced, cut, length, paragraphs, prose, sentences
from aigc_cli.api import Completions, RenderedPrompt, Step

TextFlow: TypeAlias = Generator[Step, Any, str]

_DRAFTS = 3
_BARREN = 5  # parts in a row that add nothing, after which a section stays as it is
_REPEATING = 0.15  # share of a draft in repeated sentences from which on it is written anew
_ENOUGH = 0.95
_LEAST_ANSWER = 64  # tokens
_SHARES = {"answer": 3, "tail": 12, "summary": 10, "outline": 8}  # of the context: one part in so many


@dataclass
class Notebook:
    """What is known while an article is written.

    Attributes:
        article: What there is of it.
        said: What it says.
        removed_quotes: Quotes that the sources do not have.
        repeated: Units that were left out because they repeat.
        turn: The last draft that is in the article.
    """

    task: Task
    outline: Outline
    article: Article
    library: Library
    said: Said
    removed_quotes: list[str]
    repeated: int = 0
    redone: int = 0
    turn: str = ""


class SectionWriter:
    """Writes the section ``number`` of an outline, to ``target`` units."""

    def __init__(self, notes: Notebook, number: int, target: int, query: Sequence[float]) -> None:
        self._notes = notes
        self._task = notes.task
        self._section = notes.outline.sections[number]
        self._target = target
        self._number = number
        self._passages = self._chosen(query)
        self._answer = min(self._task.tokens(target), self._task.brief.context // _SHARES["answer"])
        self._quotes = Quotes(self._task.sources) if self._task.sources else None

    def write(self) -> TextFlow:
        """Write the section: the draft that repeats least, and more of it while it is short, cut where it is long.

        More is asked for on one of the points after the other.
        """
        text = yield from self._draft()
        points = itertools.cycle(self._section.points or (self._section.heading,))
        barren = 0
        while length(text) < _ENOUGH * self._target and barren < _BARREN:
            more = yield from self._more(text, next(points), barren)
            barren = 0 if more else barren + 1
            text = f"{text}\n\n{more}".strip()
        text = balanced(cut(text, self._target))
        self._notes.said.add(text)
        return text

    def _draft(self) -> TextFlow:
        """Return the best of what was drafted, without what it repeats; a draft that repeats too much is redone."""
        prompt = self._filled(self._section.points, self._target)
        best, best_share, turn = "", 2.0, ""
        for tries in range(_DRAFTS):
            results: Completions = yield self._task.complete(
                prompt, grammar.prose(self._task.language), self._section.heading, self._answer,
                tries=tries, n=self._task.brief.candidates or 1, shown=True, kept=True,
            )  # fmt: skip
            for result in results:
                text, share = self._fresh(prose(result.text))
                if text and share < best_share:
                    best, best_share, turn = text, share, result.turn
            if best_share <= _REPEATING:
                break
            self._notes.redone += 1
        self._notes.turn = turn or self._notes.turn
        return best

    def _more(self, text: str, point: str, tries: int) -> TextFlow:
        """Return another paragraph or some on ``point``; nothing if they would only repeat."""
        left = self._target - length(text)
        prompt = self._filled((point,), left, before=self._tail(text))
        most = min(self._answer, max(_LEAST_ANSWER, self._task.tokens(left)))
        results: Completions = yield self._task.complete(
            prompt, grammar.prose(self._task.language), self._section.heading, most, tries=tries, shown=True
        )
        return self._fresh(prose(results[0].text), after=text)[0]

    def _fresh(self, text: str, after: str = "") -> tuple[str, float]:
        """Return ``text`` without sentences that repeat or quote falsely, and the share of it that repeats."""
        if self._quotes:
            text, false = self._quotes.without_false(text)
            self._notes.removed_quotes += false
        said = self._notes.said.copy()
        said.add(after)
        kept, share = said.fresh(text)
        self._notes.repeated += length(text) - length(kept)
        return kept, share

    def _tail(self, text: str) -> str:
        """Return the end of ``text``, as much of it as the model is to see when it goes on."""
        budget = self._task.brief.context // _SHARES["tail"]
        found = ""
        for sentence in reversed([s for paragraph in paragraphs(text)[-1:] for s in sentences(paragraph)]):
            if self._task.brief.count(sentence + found) > budget:
                break
            found = sentence + found
        return found.strip()

    def _filled(
        self, points: Sequence[str], target: int, *, before: str = "", sources: str | None = None
    ) -> RenderedPrompt:
        task, sections = self._task, self._notes.outline.sections
        heads = [section.heading for section in sections]
        if task.brief.count("; ".join(heads)) > task.brief.context // _SHARES["outline"]:
            heads = heads[max(0, self._number - 1) : self._number + 2]
        return task.fill(
            "article-section",
            input=task.subject or self._notes.article.title,
            heading=self._section.heading,
            outline="; ".join(heads),
            points="; ".join(points),
            summary=self._summary(),
            before=before,
            length=str(target),
            sources=self._passages if sources is None else sources,
            **task.style,
        )

    def _chosen(self, query: Sequence[float]) -> str:
        """Return the passages of the sources that the section is to draw on, as many as there is room for."""
        task = self._task
        if not task.sources:
            return ""
        bare = self._filled(self._section.points, self._target, sources="-")
        spare = (
            task.room(bare.messages) - task.brief.context // _SHARES["answer"] - task.brief.context // _SHARES["tail"]
        )
        return "\n\n".join(self._notes.library.chosen(query, spare, task.brief.count))

    def _summary(self) -> str:
        """Return the first sentence of each section so far; of many, the latest, as far as there is room."""
        budget = self._task.brief.context // _SHARES["summary"]
        found = ""
        for _, text in reversed(self._notes.article.sections):
            first = next((sentences(paragraph)[0].strip() for paragraph in paragraphs(text)), "")
            if self._task.brief.count(f"{first} {found}") > budget:
                break
            found = f"{first} {found}".strip()
        return found
