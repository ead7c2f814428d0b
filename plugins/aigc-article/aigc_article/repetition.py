"""What has been said before."""

from __future__ import annotations

from collections import Counter

from aigc_article.text import joined, paragraphs, sentences, units

SIZE = 8
"""Units in a row that should not come again and again."""
MOST = 2
"""How often the same `SIZE` units in a row may stand in a text."""
_SAME = 0.5  # share of a sentence's grams from which on it says again what was said


class Said:
    """What a text says so far, so that what comes next can be asked not to say it again.

    Args:
        text: How it begins.
    """

    def __init__(self, text: str = "") -> None:
        self._grams: Counter[tuple[str, ...]] = Counter()
        self._sentences: set[tuple[str, ...]] = set()
        self._tail: list[str] = []
        self.add(text)

    def add(self, text: str) -> None:
        """Say ``text`` next."""
        for paragraph in paragraphs(text):
            for sentence in sentences(paragraph):
                self._add(units(sentence))

    def fresh(self, text: str, *, again: bool = False) -> tuple[str, float]:
        """Return ``text`` without the sentences that repeat, and the share of its units that were in those.

        With ``again``, a sentence may say what was said once before, as those of an abstract do.
        """
        said = self.copy()
        kept: list[list[str]] = []
        total = dropped = 0
        for paragraph in paragraphs(text):
            kept.append([])
            for sentence in sentences(paragraph):
                new = units(sentence)
                total += len(new)
                if said._is_too_often(new) or (not again and said._repeats(new)):
                    dropped += len(new)
                else:
                    said._add(new)
                    kept[-1].append(sentence)
        return joined(kept), dropped / total if total else 0.0

    def worst(self) -> tuple[int, str]:
        """Return how often the most frequent gram stands in the text, and the gram."""
        if not self._grams:
            return 0, ""
        gram, count = self._grams.most_common(1)[0]
        return count, " ".join(gram)

    def copy(self) -> Said:
        """Return another that can be added to without changing this one."""
        copy = Said()
        copy._grams, copy._sentences, copy._tail = self._grams.copy(), set(self._sentences), list(self._tail)
        return copy

    def _add(self, new: list[str]) -> None:
        self._grams.update(self._grams_with(new))
        self._sentences.add(tuple(new))
        self._tail = (self._tail + new)[-(SIZE - 1) :]

    def _grams_with(self, new: list[str]) -> list[tuple[str, ...]]:
        """Return the grams that end in ``new``, were it said next."""
        run = self._tail + new
        return [tuple(run[i : i + SIZE]) for i in range(len(run) - SIZE + 1)]

    def _is_too_often(self, new: list[str]) -> bool:
        grams = Counter(self._grams_with(new))
        return not new or any(count + self._grams[gram] > MOST for gram, count in grams.items())

    def _repeats(self, new: list[str]) -> bool:
        again = sum(gram in self._grams for gram in self._grams_with(new))
        return tuple(new) in self._sentences or again > _SAME * max(1, len(new) - SIZE + 1)
