"""The best of several answers, as far as the user's votes tell which that is."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from aigc_cli.core.engine import Engine, EngineInfo, Reflective
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.events import EngineEvent, Finished, TextDelta, TokenLogprob
from aigc_cli.core.feedback import Vote
from aigc_cli.core.message import Message
from aigc_cli.core.request import AdapterUse, Request
from aigc_cli.core.text import N_, Notice
from aigc_cli.feedback.nearest import pack, unpack
from aigc_cli.feedback.ranker import FEWEST, Ranker, learn

if TYPE_CHECKING:
    from aigc_cli.store import Store
    from aigc_cli.store.lessons import Told

_BOTH: tuple[Vote, Vote] = (1, -1)
_MANY = 8  # answers that take long enough to read to say so
_VOTES = 500  # of each kind, the newest: all of them are read by the model once


class Picker:
    """Learns from the votes of a history which answers the user likes, as one model sees them.

    Args:
        store: Has the votes.
        engine: Reads the answers.
        model: The name under which what it read is kept.
        folder: Where what was learned is kept until there are other votes.
        notify: Told what the user should know.
    """

    def __init__(
        self, store: Store, engine: Engine, model: str, folder: Path, notify: Callable[[Notice], None]
    ) -> None:
        if not isinstance(engine, Reflective):
            raise UsageProblem(detail=N_("this engine cannot judge answers; --pick needs a model that runs here"))
        self._store = store
        self._engine = engine
        self._model = model
        self._file = folder / f"{hashlib.sha256(model.encode()).hexdigest()[:32]}.json"
        self._notify = notify

    def ranker(self) -> Ranker | None:
        """Return what can be trusted to choose; else tell the user why nothing can, and return None.

        Raises:
            MissingExtra: if scikit-learn is not installed.
        """
        ranker = self._learned()
        if ranker is None:
            text = N_("too few votes to pick by: it takes {count} likes and {count} dislikes; one answer is written")
            self._notify(Notice(text, {"count": FEWEST}))
        elif not ranker.trusted:
            text = N_(
                "the votes do not tell yet which answers you like (right in {accuracy:.0%}, chance is 50%); "
                "one answer is written"
            )
            self._notify(Notice(text, {"accuracy": ranker.accuracy}))
        return ranker if ranker and ranker.trusted else None

    def _learned(self) -> Ranker | None:
        """Return the ranker for the votes as they are, learned now unless that was done before."""
        votes = {
            rating.turn: rating.value > 0
            for value in _BOTH
            for rating, _ in islice(self._store.feedback.ratings(value=value), _VOTES)
        }
        told = self._store.lessons.told(list(votes))
        votes = {turn: liked for turn, liked in sorted(votes.items()) if turn in told}
        known = Known.read(self._file)
        of = hashlib.sha256(json.dumps([self._model, votes]).encode()).hexdigest()
        if known and known.votes == of:
            return known.ranker
        if min(sum(votes.values()), len(votes) - sum(votes.values())) < FEWEST:
            return None
        ranker = learn(self._states(told, list(votes)), list(votes.values()), [told[turn].question for turn in votes])
        if ranker:
            Known(self._model, of, ranker).write(self._file)
        return ranker

    def _states(self, told: Mapping[str, Told], turns: Sequence[str]) -> list[list[float]]:
        """Return what the model makes of these answers; each is read once."""
        vectors = self._store.lessons.vectors(self._model, "answer", turns)
        new = [turn for turn in turns if turn not in vectors]
        if len(new) > _MANY:
            self._notify(Notice(N_("reading {count} answers that you voted on, once"), {"count": len(new)}))
        for turn in new:
            states = self._engine.reflect(told[turn].question, told[turn].answer, whole=told[turn].whole)
            self._store.lessons.keep_vectors(self._model, "answer", {turn: pack(states)})
            vectors[turn] = pack(states)
        return [unpack(vectors[turn]) for turn in turns]


@dataclass(frozen=True, slots=True)
class Known:
    """A ranker as it is kept between two runs.

    Attributes:
        model: As which model it sees answers.
        votes: A hash of the votes that it learned from.
    """

    model: str
    votes: str
    ranker: Ranker

    @staticmethod
    def read(path: Path) -> Known | None:
        """Return what is kept in a file; None if that is nothing, or nothing of the kind."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return Known(data["model"], data["votes"], Ranker.of(data["ranker"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, path: Path) -> None:
        """Keep it; where that fails it is learned again the next time."""
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_suffix(".new")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
                json.dump(asdict(self), out)
            draft.replace(path)


def rankers(folder: Path) -> list[Known]:
    """Return the rankers that are kept, by model."""
    known = filter(None, map(Known.read, folder.glob("*.json")))
    return sorted(known, key=lambda one: one.model)


class BestOf:
    """An engine that answers several times and gives the answer that the user will like best as its only one.

    Args:
        engine: Answers and reads.
        ranker: Chooses.
        count: How many answers to choose from.
    """

    def __init__(self, engine: Engine, ranker: Ranker, count: int) -> None:
        self._engine = engine
        self._ranker = ranker
        self._count = count

    def info(self) -> EngineInfo:
        """Describe the engine."""
        return self._engine.info()

    def count(self, messages: Sequence[Message]) -> int:
        """Return how many tokens a prompt of these messages takes."""
        return self._engine.count(messages)

    def generate(self, request: Request, cancel: threading.Event) -> Iterator[EngineEvent]:
        """Answer ``request``; the text comes all at once, or as far as there is any when ``cancel`` is set."""
        texts = [""] * self._count
        ends: dict[int, Finished] = {}
        for event in self._engine.generate(replace(request, candidates=self._count), cancel):
            if isinstance(event, TextDelta):
                texts[event.candidate] += event.text
            elif isinstance(event, Finished):
                ends[event.candidate] = event
            else:
                yield event
        question = next(message.content for message in reversed(request.messages) if message.role == "user")
        best = 0 if cancel.is_set() else max(ends, key=lambda at: self._worth(question, texts[at], ends[at]))
        if texts[best]:
            yield TextDelta(0, texts[best])
        yield replace(ends[best], candidate=0)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector of unit length for each text."""
        return self._engine.embed(texts)

    def score(
        self, text: str, after: Sequence[Message] = (), adapters: Sequence[AdapterUse] = ()
    ) -> list[TokenLogprob]:
        """Return the tokens of ``text`` with their log-probabilities."""
        return self._engine.score(text, after, adapters)

    def close(self) -> None:
        """Free the model."""
        self._engine.close()

    def _worth(self, question: str, text: str, end: Finished) -> float:
        assert isinstance(self._engine, Reflective)  # noqa: S101 - `Picker` has looked
        return self._ranker.likes(self._engine.reflect(question, text, whole=end.reason == "stop"))
