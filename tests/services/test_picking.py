"""Choosing among answers by the votes, on a real database; the engine stands for a model that writes as told."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.events import EngineEvent, Finished, TextDelta, Timing, Usage
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request
from aigc_cli.core.text import Notice
from aigc_cli.engine.echo import EchoEngine
from aigc_cli.services.picking import BestOf, Picker, rankers
from aigc_cli.store import Store


class Saying(EchoEngine):
    """An engine whose candidates are given, and that counts what it reads."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        super().__init__()
        self.texts = texts
        self.read = 0

    def generate(self, request: Request, cancel: threading.Event) -> Iterator[EngineEvent]:
        """Say the texts, a candidate each."""
        for at, text in enumerate(self.texts[: request.candidates]):
            yield TextDelta(at, text)
            yield Finished(at, "stop", Usage(1, 0, 1), Timing(1.0, 1.0), seed=at)

    def reflect(self, question: str, answer: str, *, whole: bool) -> list[float]:
        """Count, and read."""
        self.read += 1
        return super().reflect(question, answer, whole=whole)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a history."""
    store = Store(tmp_path / "aigc.db")
    yield store
    store.close()


def _vote(store: Store, likes: str, dislikes: str, count: int = 12) -> None:
    for number in range(count):
        question = store.add_turn(store.new_conversation(), None, "user", f"question {number}")
        for text, value in ((likes, 1), (dislikes, -1)):
            said = store.add_turn(question.conversation, question.id, "assistant", f"{text} {number}")
            store.feedback.rate(said, value)  # type: ignore[arg-type]  # 1 or -1


def _picker(store: Store, engine: EchoEngine, tmp_path: Path) -> tuple[Picker, list[Notice]]:
    told: list[Notice] = []
    return Picker(store, engine, "echo", tmp_path / "rankers", told.append), told


def test_the_answer_is_the_one_that_votes_speak_for(store: Store, tmp_path: Path) -> None:
    """Of several candidates one is given, whole and as the only one, wherever it was among them."""
    _vote(store, "roses bloom", "12 + 34 = 46")
    engine = Saying(["5 + 6 = 11", "roses and tulips bloom", "1 + 1 = 2"])
    ranker = _picker(store, engine, tmp_path)[0].ranker()
    assert ranker is not None
    best = BestOf(engine, ranker, 3)
    events = list(best.generate(Request((Message("user", "?"),)), threading.Event()))
    assert [(type(event).__name__, event.candidate) for event in events] == [("TextDelta", 0), ("Finished", 0)]  # type: ignore[union-attr]
    assert events[0] == TextDelta(0, "roses and tulips bloom")


def test_what_was_learned_is_kept_until_the_votes_change(store: Store, tmp_path: Path) -> None:
    """The second time nothing is read again; a new vote has one answer read; the accuracy can be looked up."""
    _vote(store, "roses bloom", "12 + 34 = 46")
    engine = Saying()
    first = _picker(store, engine, tmp_path)[0].ranker()
    assert engine.read == 24
    again, told = _picker(store, engine, tmp_path)
    assert again.ranker() == first
    assert (engine.read, told) == (24, [])
    (known,) = rankers(tmp_path / "rankers")
    assert (known.model, known.ranker) == ("echo", first)
    _vote(store, "lilies bloom", "7 + 8 = 15", count=1)
    assert _picker(store, engine, tmp_path)[0].ranker() != first
    assert engine.read == 26


def test_votes_that_tell_nothing_choose_nothing(store: Store, tmp_path: Path) -> None:
    """With too few votes, and with votes without a pattern, the user is told why one answer is written."""
    picker, told = _picker(store, Saying(), tmp_path)
    assert picker.ranker() is None
    assert "too few" in str(told[0])
    _vote(store, "the same", "the same", count=15)
    assert picker.ranker() is None
    assert "do not tell yet" in str(told[-1])


def test_an_engine_that_cannot_judge_is_refused(store: Store, tmp_path: Path) -> None:
    """An engine of a plugin may have no states to judge by."""

    class Bare:
        """An engine with nothing but its name."""

    with pytest.raises(UsageProblem):
        Picker(store, Bare(), "bare", tmp_path, lambda notice: None)  # type: ignore[arg-type]
