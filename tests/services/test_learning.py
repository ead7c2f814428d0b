"""What an answer learns from votes, on the echo engine and a real database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_cli.core.answer import Answer, Answered
from aigc_cli.core.conversation import Turn
from aigc_cli.core.lesson import Lesson
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request
from aigc_cli.core.text import Notice
from aigc_cli.engine.echo import EchoEngine
from aigc_cli.services.chat import ChatService, Question
from aigc_cli.services.feedback import Feedback
from aigc_cli.services.learning import EXAMPLES, Learning
from aigc_cli.store import Store


class Watching(EchoEngine):
    """An engine that keeps what it was asked, and counts what it embedded."""

    def __init__(self, context: int = 4096) -> None:
        super().__init__(context)
        self.requests: list[Request] = []
        self.embedded: list[str] = []

    def generate(self, request: Request, cancel: threading.Event):  # type: ignore[no-untyped-def]  # noqa: ANN201
        """Note the request and repeat the last message."""
        self.requests.append(request)
        return super().generate(request, cancel)

    def embed(self, texts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """Note the texts."""
        self.embedded += texts
        return super().embed(texts)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a history."""
    store = Store(tmp_path / "aigc.db")
    yield store
    store.close()


@pytest.fixture
def engine() -> Watching:
    """Give an engine."""
    return Watching()


@pytest.fixture
def learning(store: Store, engine: Watching) -> Learning:
    """Give what learns."""
    return Learning(store, engine, "echo")


def _answer(store: Store, question: str, answer: str, **fields: str) -> Turn:
    asked = store.add_turn(store.new_conversation(), None, "user", question)
    return store.add_turn(asked.conversation, asked.id, "assistant", answer, **fields)  # type: ignore[arg-type]  # texts


def _shown(lesson: Lesson) -> list[str]:
    return [example.question for example in lesson.examples]


def test_a_liked_answer_is_an_example_for_the_next_question_of_its_kind(store: Store, learning: Learning) -> None:
    """One vote is enough; something else learns nothing from it, and a dislike without a reason teaches nothing."""
    liked = _answer(store, "What is a glacier made of?", "Ice.")
    store.feedback.rate(liked, 1)
    store.feedback.rate(_answer(store, "What is a glacier good for?", "Tea."), -1)
    lesson = learning.lesson("What is a volcano made of?")
    assert [(one.turn, one.question, one.answer) for one in lesson.examples] == [
        (liked.id, "What is a glacier made of?", "Ice.")
    ]
    assert not learning.lesson("用中文写一首诗")


def test_examples_are_as_many_as_help_none_twice_and_never_the_question_itself(
    store: Store, learning: Learning
) -> None:
    """The question is no example of itself, however it is spaced; of the same question or answer one is shown."""
    for number in range(6):
        store.feedback.rate(_answer(store, f"What is glacier {number} made of?", f"Ice {number}."), 1)
    store.feedback.rate(_answer(store, "What is glacier 1 made of?", "Snow."), 1)
    store.feedback.rate(_answer(store, "What is a glacier 7 made of?", "ice  0."), 1)
    lesson = learning.lesson(" what is glacier 2  made of?")
    questions = _shown(lesson)
    assert len(questions) == len(set(questions)) == EXAMPLES
    assert "What is glacier 2 made of?" not in questions
    assert len({example.answer.lower().replace("  ", " ") for example in lesson.examples}) == EXAMPLES
    assert [one.turn for one in lesson.examples] == sorted(one.turn for one in lesson.examples)


def test_examples_stay_within_their_share_of_the_context(store: Store) -> None:
    """An answer longer than the budget is passed over for a shorter one."""
    store.feedback.rate(_answer(store, "What is glacier 1 made of?", "ice " * 40), 1)
    store.feedback.rate(_answer(store, "What is glacier 2 made of?", "ice"), 1)
    lesson = Learning(store, Watching(context=160), "echo").lesson("What is glacier 3 made of?")
    assert _shown(lesson) == ["What is glacier 2 made of?"]


def test_only_answers_that_make_sense_alone_are_examples(store: Store, learning: Learning) -> None:
    """One that was cut off, one to a later question of a conversation, and a deleted one teach nothing."""
    asked = store.add_turn(store.new_conversation(), None, "user", "What is glacier 1 made of?")
    cut = store.add_turn(asked.conversation, asked.id, "assistant", "", status="streaming")
    store.finish(cut.id, "Ice and", "complete", finish_reason="length")
    later = store.add_turn(asked.conversation, cut.id, "user", "What is glacier 2 made of?")
    second = store.add_turn(asked.conversation, later.id, "assistant", "Snow.")
    gone = _answer(store, "What is glacier 3 made of?", "Tea.")
    for turn in (cut, second, gone):
        store.feedback.rate(turn, 1)
    store.delete(gone.conversation)
    assert not learning.lesson("What is glacier 4 made of?")


def test_a_template_and_a_generator_learn_from_their_own(store: Store, learning: Learning) -> None:
    """Other versions and variants of a template count as the same; the rest does not mix."""
    store.feedback.rate(_answer(store, "Sum up: a", "a", template="summarize.en@1#brief"), 1)
    store.feedback.rate(_answer(store, "Sum up: b", "b", template="summarize.zh@1"), 1)
    store.feedback.rate(_answer(store, "Sum up: c", "c", generator="poem"), 1)
    store.feedback.rate(_answer(store, "Sum up: d", "d"), 1)
    assert _shown(learning.lesson("Sum up: x", template="summarize.en@2")) == ["Sum up: a"]
    assert _shown(learning.lesson("Sum up: x", generator="poem")) == ["Sum up: c"]
    assert _shown(learning.lesson("Sum up: x")) == ["Sum up: d"]


def test_a_correction_is_an_example(store: Store, learning: Learning) -> None:
    """What the user wrote in place of an answer is shown as the answer."""
    wrong = _answer(store, "What is a glacier made of?", "Tea.")
    Feedback(store, signals=False).correct(wrong.id, "Ice.")
    assert [one.answer for one in learning.lesson("What is a volcano made of?").examples] == ["Ice."]


def test_reasons_of_dislikes_become_advice(store: Store, learning: Learning) -> None:
    """The reason that prevails over its opposite is told, in the language of the question; unknown ones are not."""
    for number, reason in enumerate(("too-long", "too-long", "too-short", "my-own")):
        turn = _answer(store, f"What is glacier {number} made of?", "Ice.")
        store.feedback.rate(turn, -1, [reason])
    (advice,) = learning.lesson("What is glacier 9 made of?").advice
    assert (advice.reason, advice.text, len(advice.turns)) == ("too-long", "Keep it short.", 2)
    assert not learning.lesson("用中文写一首诗")
    store.feedback.rate(_answer(store, "冰川是由什么构成的？", "水。"), -1, ["wrong"])
    assert [one.text for one in learning.lesson("冰川是由什么组成的？").advice] == ["只说有把握的内容。"]


def test_a_question_is_embedded_once(store: Store, engine: Watching, learning: Learning) -> None:
    """Without votes nothing is embedded; after the first time only the new question is."""
    assert not learning.lesson("What is a volcano made of?")
    assert engine.embedded == []
    store.feedback.rate(_answer(store, "What is a glacier made of?", "Ice."), 1)
    first, second = (learning.lesson("What is a volcano made of?") for _ in range(2))
    assert first == second
    assert engine.embedded[-2:] == ["What is a glacier made of?", "What is a volcano made of?"]
    assert engine.embedded.count("What is a glacier made of?") == 1


def _ask(service: ChatService, question: Question) -> tuple[Answer, list[str]]:
    events = list(service.ask(question, threading.Event()))
    assert isinstance(events[-1], Answered)
    return events[-1].answer, [str(event) for event in events if isinstance(event, Notice)]


def test_an_answer_says_what_it_learned_and_a_conversation_keeps_it(
    store: Store, engine: Watching, learning: Learning
) -> None:
    """Examples come after the system prompt, stay for the next question, are no turns, and are told of once."""
    liked = _answer(store, "What is a glacier made of?", "Ice.")
    store.feedback.rate(liked, 1)
    service = ChatService(engine, store, "echo", lambda text: [Message("user", text)], learning=learning)
    messages = (Message("system", "Be kind."), Message("user", "What is a volcano made of?"))
    answer, notices = _ask(service, Question(messages, Request(())))
    assert answer.learned_from == (liked.id,)
    assert len(notices) == 1
    shown = [Message("user", "What is a glacier made of?"), Message("assistant", "Ice.")]
    assert list(engine.requests[-1].messages) == [messages[0], *shown, messages[1]]
    assert [turn.text for turn in store.path(answer.id)] == [*(m.content for m in messages), answer.text]
    assert store.lessons.lesson(answer.id).turns == (liked.id,)
    store.feedback.rate(_answer(store, "What is the sea made of?", "Water."), 1)
    more = Question((Message("user", "Nothing like it"),), Request(()), follows=store.turn(answer.id))
    second, notices = _ask(service, more)
    assert (second.learned_from, notices) == ((liked.id,), [])
    assert engine.requests[-1].messages[: len(engine.requests[0].messages)] == engine.requests[0].messages


def test_what_would_not_fit_is_not_learned(store: Store) -> None:
    """Examples never push a question out of the context."""
    store.feedback.rate(_answer(store, "What is ice " + "in " * 5, "cold " * 5), 1)
    engine = Watching(context=160)
    service = ChatService(
        engine, store, "echo", lambda text: [Message("user", text)], learning=Learning(store, engine, "echo")
    )
    answer, _ = _ask(service, Question((Message("user", "What is ice " + "in " * 110),), Request(())))
    assert answer.learned_from == ()
