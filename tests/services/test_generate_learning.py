"""What generators write learns from votes on what they wrote."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_cli.core.events import EngineEvent
from aigc_cli.core.generator import Artifact, Brief, Check, Complete, Flow, Generator
from aigc_cli.core.making import Made
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request
from aigc_cli.engine.echo import EchoEngine
from aigc_cli.services.feedback import Feedback
from aigc_cli.services.generate import GenerateService
from aigc_cli.services.learning import Learning
from aigc_cli.services.order import NOBODY, Order
from aigc_cli.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return an empty database."""
    store = Store(tmp_path / "aigc.db")
    yield store
    store.close()


class Watched(EchoEngine):
    """An engine that keeps what it was asked."""

    asked: tuple[tuple[str, ...], ...] = ()

    def generate(self, request: Request, cancel: threading.Event) -> Iterator[EngineEvent]:
        """Do as the echo engine does."""
        self.asked = (*self.asked, tuple(message.content for message in request.messages))
        return super().generate(request, cancel)


def make(store: Store, topic: str, name: str = "sing", *, learn: bool = True) -> tuple[Made, Watched]:
    """Have a draft written, and something written about it; return what that came to, and the engine."""

    def flow(brief: Brief) -> Flow:
        opening = (Message("system", "Sing."), Message("user", f"Sing a song about the {brief.topic}."))
        (draft,) = yield Complete(Request(opening))
        follow = (*opening, Message("assistant", draft.text), Message("user", "Shorter."))
        yield Complete(Request(follow))
        yield Complete(Request((Message("user", f"Sing a song about the {brief.topic}?"),)), kept=False)
        return Artifact("song", "", draft.text, Check(True), turn=draft.turn)

    engine = Watched()
    learning = Learning(store, engine, "echo") if learn else None
    service = GenerateService(engine, store, "echo", lambda *asked: pytest.fail(str(asked)), NOBODY, learning)
    made = list(service.make(Order(Generator(name, {"en": "Sing."}, flow), topic), threading.Event()))[-1]
    assert isinstance(made, Made)
    return made, engine


def test_a_liked_draft_becomes_an_example(store: Store) -> None:
    """It is shown to the first question of the same generator only, and the new draft says from what it learned."""
    first, engine = make(store, "wide sea")
    assert first.answer.learned_from == ()
    Feedback(store, signals=False).rate(first.artifact.turn, 1)
    song = "Sing a song about the wide sea."
    made, engine = make(store, "wide lake")
    asked = "Sing a song about the wide lake."
    assert engine.asked[0] == ("Sing.", song, song, asked)
    assert engine.asked[1] == ("Sing.", asked, asked, "Shorter.")
    assert len(engine.asked[2]) == 1
    assert made.answer.learned_from == (first.artifact.turn,)
    assert store.lessons.lesson(made.artifact.turn).turns == (first.artifact.turn,)
    assert [turn.text for turn in store.path(made.artifact.turn)] == ["Sing.", asked, asked], "examples are no turns"
    assert make(store, "wide lake", "hum")[0].answer.learned_from == ()
    assert make(store, "wide lake", learn=False)[0].answer.learned_from == ()
