"""What the next answer is to learn from the votes on earlier ones, with one model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from aigc_cli.core.engine import Engine
from aigc_cli.core.lesson import Advice, Lesson, Shown
from aigc_cli.core.message import Message
from aigc_cli.feedback import nearest
from aigc_cli.feedback.advice import ADVICE, OPPOSITES
from aigc_cli.store.lessons import Kind, Told
from aigc_cli.templates.language import text_language

if TYPE_CHECKING:
    from aigc_cli.core.conversation import Turn
    from aigc_cli.store import Store

EXAMPLES = 4
"""More than these gain next to nothing; see docs/tuning.md."""

_TOKENS = 512  # of all examples together; every request pays for them
_SHARE = 8  # of the context: no more than one part in so many
_POOL = 1000  # votes of each kind that are looked at, the newest
_LOOKED_AT = 16  # answers read, the nearest
_NEW = 8  # questions that are embedded for the first time, at each request
_SEEN = 400  # characters of a question: what kind it is shows early, and every request pays for them
_ADVICE = 2  # instructions at most
_NAMED = 3  # votes named for an instruction


class Learning:
    """Chooses what to learn from; keeps what it finds out about questions, so that each is looked at once.

    Args:
        store: Has the votes.
        engine: Says what questions are about.
        model: The name under which vectors of this engine are kept.
    """

    def __init__(self, store: Store, engine: Engine, model: str) -> None:
        self._store = store
        self._engine = engine
        self._model = model

    def known(self, path: Sequence[Turn]) -> Lesson:
        """Return what the last answer of a conversation learned, if it learned anything."""
        answers = (turn.id for turn in reversed(path) if turn.role == "assistant")
        return next((lesson for turn in answers if (lesson := self._store.lessons.lesson(turn))), Lesson())

    def lesson(self, question: str, template: str = "", path: Sequence[Turn] = (), generator: str = "") -> Lesson:
        """Return what the answer to ``question`` is to learn.

        Examples are liked or corrected answers to the nearest questions of those that were asked in the same way: with
        the same template, or with the same generator or none and on something near enough. They are chosen for the
        first question of a conversation and stay, in the order in which they were given, so that what was evaluated for
        them is of use again. Advice comes from the reasons of dislikes on such questions, and stays as well.

        Args:
            question: What is asked.
            template: The reference of the prompt template it was made with; empty for none.
            path: The conversation so far.
            generator: The generator that asks; empty for none.
        """
        kind = Kind(generator, template.partition("@")[0])
        begun = any(turn.role == "assistant" for turn in path)
        known = self.known(path)
        liked = [] if begun else self._store.lessons.pool(kind, 1, _POOL)
        disliked = self._store.lessons.pool(kind, -1, _POOL)
        if not liked and not disliked:
            return known
        shared = self._centre()
        asked = self._direction(question, shared)
        least = -1.0 if kind.template else nearest.RELATED
        near = self._nearest(asked, shared, liked, least, _LOOKED_AT)
        examples = known.examples if begun else self._examples(question, near)
        speaking = self._nearest(asked, shared, disliked, least, _POOL)
        return Lesson(examples, self._advice(question, speaking, known.advice))

    def _nearest(self, asked: bytes, shared: bytes, pool: Sequence[str], least: float, limit: int) -> list[str]:
        """Return the turns of a pool whose questions are nearest, the nearest first; embeds some that are new."""
        lessons = self._store.lessons
        vectors = lessons.vectors(self._model, "question", pool)
        new = [turn for turn in pool if turn not in vectors][:_NEW] if len(vectors) < len(pool) else []
        if new:
            told = lessons.told(new)
            found = {turn: self._about(one, shared) for turn, one in told.items()}
            lessons.keep_vectors(self._model, "question", found)
            vectors |= found
        turns = [turn for turn in pool if vectors.get(turn)]
        near = nearest.nearest(asked, [vectors[turn] for turn in turns], limit=limit, least=least)
        return [turns[at] for at, _ in near]

    def _about(self, told: Told, shared: bytes) -> bytes:
        """Return what a question is about; nothing if its answer is not to be an example."""
        return self._direction(told.question, shared) if told.alone and told.whole else b""

    def _examples(self, question: str, near: Sequence[str]) -> tuple[Shown, ...]:
        """Return what fits of the nearest answers, no question and no answer twice, the oldest first."""
        budget = min(_TOKENS, self._engine.info().context // _SHARE)
        told = self._store.lessons.told(near)
        seen = {_plain(question)}
        chosen: list[Shown] = []
        for turn in near:
            if turn not in told or len(chosen) == EXAMPLES:
                continue
            shown = Shown(turn, told[turn].question, told[turn].answer)
            same = {_plain(shown.question), _plain(shown.answer)}
            cost = self._engine.count([Message("user", shown.question), Message("assistant", shown.answer)])
            if same & seen or cost > budget:
                continue
            budget -= cost
            seen |= same
            chosen.append(shown)
        return tuple(sorted(chosen, key=lambda shown: shown.turn))

    def _advice(self, question: str, near: Sequence[str], kept: Sequence[Advice]) -> tuple[Advice, ...]:
        """Return the advice that stays, and as much as there may be of what more the reasons come to."""
        language = "zh" if text_language(question) == "zh" else "en"
        advice = list(kept)
        for reason, turns in _prevailing(self._reasons(near)):
            known = {one.reason for one in advice}
            if len(advice) < _ADVICE and reason not in known and OPPOSITES.get(reason) not in known:
                advice.append(Advice(reason, ADVICE[reason][language], tuple(sorted(turns, reverse=True)[:_NAMED])))
        return tuple(advice)

    def _reasons(self, turns: Iterable[str]) -> dict[str, list[str]]:
        """Return the dislikes by the reasons that there is advice for."""
        reasons: dict[str, list[str]] = defaultdict(list)
        for turn, rating in self._store.feedback.ratings_of(list(turns)).items():
            for reason in rating.reasons:
                if reason in ADVICE:
                    reasons[reason].append(turn)
        return reasons

    def _direction(self, question: str, shared: bytes) -> bytes:
        return nearest.direction(self._engine.embed([question[:_SEEN]])[0], shared)

    def _centre(self) -> bytes:
        centre = self._store.lessons.centre(self._model)
        if centre is None:
            centre = nearest.centre(self._engine.embed(nearest.EVERYTHING))
            self._store.lessons.keep_centre(self._model, centre)
        return centre


def _prevailing(reasons: dict[str, list[str]]) -> list[tuple[str, list[str]]]:
    """Return the reasons that were given more often than their opposite, the most frequent first."""
    found = [
        (reason, turns)
        for reason, turns in reasons.items()
        if len(turns) > len(reasons.get(OPPOSITES.get(reason, ""), ()))
    ]
    return sorted(found, key=lambda pair: (-len(pair[1]), pair[0]))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
