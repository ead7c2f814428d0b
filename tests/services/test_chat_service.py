"""A turn of a conversation, on the echo engine and a real database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aigc_cli.core.answer import Answer, Answered, Event
from aigc_cli.core.engine import Engine
from aigc_cli.core.errors import ContextOverflow, EngineError, NothingGenerated, StoreError
from aigc_cli.core.events import EngineEvent, TextDelta, TurnSaved
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request
from aigc_cli.engine.echo import EchoEngine
from aigc_cli.services.chat import ChatService, Question, history_messages
from aigc_cli.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return an empty database."""
    store = Store(tmp_path / "aigc.db")
    yield store
    store.close()


def service(store: Store | None, engine: Engine | None = None) -> ChatService:
    """Return a service whose summaries are the first 20 characters of what they condense."""
    return ChatService(engine or EchoEngine(), store, "echo", lambda text: [Message("user", text[:20])])


def question(text: str, **fields: object) -> Question:
    """Return a question without a system prompt."""
    return replace(Question((Message("user", text),), Request(())), **fields)  # type: ignore[arg-type]


def answer(events: list[Event]) -> Answer:
    """Return the answer that the last event carries."""
    assert isinstance(events[-1], Answered)
    return events[-1].answer


def ask(chat: ChatService, asked: Question, cancel: threading.Event | None = None) -> list[Event]:
    """Return all events of one question."""
    return list(chat.ask(asked, cancel or threading.Event()))


class Watching(EchoEngine):
    """An engine that keeps what it was asked, and looks at the database at the first token."""

    def __init__(self, store: Store | None = None, context: int = 4096) -> None:
        super().__init__(context)
        self.store = store
        self.requests: list[Request] = []
        self.seen: list[tuple[str, str, str]] = []

    def generate(self, request: Request, cancel: threading.Event) -> Iterator[EngineEvent]:
        """Note the request and the turns that are already saved."""
        self.requests.append(request)
        if self.store:
            self.seen = [(turn.role, turn.status, turn.text) for turn in self.store.list_turns(9)]
        return super().generate(request, cancel)


class Failing(EchoEngine):
    """An engine that fails after the first word."""

    def generate(self, request: Request, cancel: threading.Event) -> Iterator[EngineEvent]:
        """Yield one delta, then raise."""
        yield TextDelta(0, "half")
        raise EngineError(detail="the library gave up")


def test_an_answer_is_saved_with_its_question(store: Store) -> None:
    """Both turns are in the database, the answer under the question, with what is known of it."""
    result = answer(ask(service(store), question("你好 世界", template="t.zh@1", parameters={"top_k": 3})))
    asked, answered = store.path(result.id)
    assert (asked.role, asked.text, asked.parent) == ("user", "你好 世界", None)
    assert (answered.role, answered.text, answered.parent, answered.status) == (
        "assistant",
        "你好 世界",
        asked.id,
        "complete",
    )
    assert (answered.model, answered.template, answered.parameters) == ("echo", "t.zh@1", {"top_k": 3})
    assert answered.completion_tokens == result.completion_tokens == 4
    assert answered.finish_reason == result.finish_reason == "stop"


def test_the_question_is_saved_before_the_engine_is_asked(store: Store) -> None:
    """When the first token is computed, question and empty answer are already in the database."""
    engine = Watching(store)
    ask(service(store, engine), question("hello"))
    assert engine.seen == [("assistant", "streaming", ""), ("user", "complete", "hello")]


def test_a_conversation_goes_on_with_what_was_said(store: Store) -> None:
    """The second question reaches the engine after the first exchange and its system prompt."""
    engine = Watching()
    chat = service(store, engine)
    first = Question((Message("system", "Be kind."), Message("user", "one")), Request(()))
    one = answer(ask(chat, first))
    two = answer(ask(chat, question("two", follows=store.turn(one.id))))
    said = [("system", "Be kind."), ("user", "one"), ("assistant", "one"), ("user", "two")]
    assert [(m.role, m.content) for m in engine.requests[1].messages] == said
    assert [turn.text for turn in store.path(two.id)] == ["Be kind.", "one", "one", "two", "two"]
    assert one.conversation == two.conversation


def test_a_new_system_prompt_takes_the_place_of_the_old_one(store: Store) -> None:
    """A system prompt given while continuing is the only one the engine sees."""
    engine = Watching()
    chat = service(store, engine)
    one = answer(ask(chat, Question((Message("system", "Old."), Message("user", "one")), Request(()))))
    new = Question((Message("system", "New."), Message("user", "two")), Request(()), follows=store.turn(one.id))
    ask(chat, new)
    assert [m.content for m in engine.requests[1].messages if m.role == "system"] == ["New."]


def test_every_candidate_is_a_turn_of_its_own(store: Store) -> None:
    """Three candidates are three siblings, and the answer names each."""
    result = answer(ask(service(store), question("hi", request=Request((), candidates=3))))
    turns = [store.turn(candidate.id) for candidate in result.candidates]
    assert len({turn.id for turn in turns}) == 3
    assert len({turn.parent for turn in turns}) == 1


def test_cancelling_keeps_what_there_is_and_marks_it(store: Store) -> None:
    """An answer cut short after its second delta is in the database with exactly that text."""
    cancel, shown = threading.Event(), ""
    for event in service(store).ask(question("one two three four"), cancel):
        if isinstance(event, TextDelta):
            shown += event.text
            if shown == "one two":
                cancel.set()
    turn = store.turn("last")
    assert (turn.text, turn.status, turn.finish_reason) == (shown, "interrupted", "interrupted")
    assert shown.startswith("one two")
    assert shown != "one two three four"


def test_a_reader_that_goes_away_leaves_an_interrupted_answer(store: Store) -> None:
    """Closing the events, as a broken pipe does, keeps the text so far."""
    events = service(store).ask(question("one two three"), threading.Event())
    for event in events:
        if isinstance(event, TextDelta):
            break
    events.close()  # type: ignore[attr-defined]
    turn = store.turn("last")
    assert (turn.text, turn.status) == ("one", "interrupted")


def test_a_failing_engine_leaves_the_question_and_half_an_answer(store: Store) -> None:
    """The error reaches the caller; the turns are kept and the answer is marked as failed."""
    with pytest.raises(EngineError, match="gave up"):
        ask(service(store, Failing()), question("hello"))
    turn = store.turn("last")
    assert (turn.text, turn.status, turn.finish_reason) == ("half", "failed", "error")


def test_an_empty_answer_is_an_error_of_its_own(store: Store) -> None:
    """Nothing but white space counts as nothing; the question is kept."""
    with pytest.raises(NothingGenerated):
        ask(service(store), question(" \n "))
    assert len(store.list_turns(9)) == 2


def test_without_a_store_nothing_is_saved_and_ids_are_empty() -> None:
    """An unsaved answer has no ids, and no event speaks of a saved turn."""
    events = ask(service(None), question("hi"))
    assert not [event for event in events if isinstance(event, TurnSaved)]
    assert (answer(events).id, answer(events).conversation, answer(events).text) == ("", "", "hi")


def test_an_unsaved_question_still_goes_on_with_a_conversation(store: Store) -> None:
    """Without saving, the engine sees what was said before, and no turn is added."""
    one = answer(ask(service(store), question("one")))
    engine = Watching()
    chat = ChatService(engine, store, "echo", lambda text: [], save=False)
    ask(chat, question("two", follows=store.turn(one.id)))
    assert [m.content for m in engine.requests[0].messages] == ["one", "one", "two"]
    assert len(store.list_turns(9)) == 2


def test_a_database_that_fails_late_costs_no_word_of_the_answer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk fills up while the answer is written, the whole answer is shown before the error is raised."""

    def full(*args: object, **fields: object) -> None:
        raise StoreError(path="aigc.db", detail="full")

    monkeypatch.setattr(store, "finish", full)
    shown: list[Event] = []
    with pytest.raises(StoreError):
        shown.extend(service(store).ask(question("all of it"), threading.Event()))
    assert answer(shown).text == "all of it"


def test_what_does_not_fit_is_refused_before_anything_is_saved(store: Store) -> None:
    """An overflow names the tokens needed and leaves the database empty."""
    with pytest.raises(ContextOverflow) as error:
        ask(service(store, EchoEngine(context=8)), question("word " * 20))
    assert (error.value.params["context"], error.value.exit_code) == (8, 4)
    assert store.list_turns(9) == []


def long_conversation(store: Store, turns: int) -> str:
    """Save a conversation with a system prompt and return the id of its last answer."""
    conversation = store.new_conversation()
    parent = store.add_turn(conversation, None, "system", "Rule").id
    for n in range(turns):
        parent = store.add_turn(conversation, parent, "user", f"question {n}").id
        parent = store.add_turn(conversation, parent, "assistant", f"answer {n}").id
    return parent


def test_dropping_keeps_the_system_prompt_and_the_newest_turns(store: Store) -> None:
    """With `drop`, the oldest exchanges go, never the system prompt or the question, and the user is told."""
    engine = Watching(context=24)
    last = store.turn(long_conversation(store, 10))
    events = ask(service(store, engine), question("now what", follows=last, overflow="drop"))
    sent = [m.content for m in engine.requests[0].messages]
    assert sent[0] == "Rule"
    assert sent[-3:] == ["question 9", "answer 9", "now what"]
    assert [m.role for m in engine.requests[0].messages[1:2]] == ["user"]
    assert engine.count(engine.requests[0].messages) <= 24
    assert "oldest messages" in str(events[0])


def test_summarizing_puts_a_summary_where_the_old_turns_were(store: Store) -> None:
    """With `summarize`, a summary is saved as a turn, stands in the system prompt, and is used from then on."""
    engine = Watching(context=40)
    chat = service(store, engine)
    last = store.turn(long_conversation(store, 12))
    result = answer(ask(chat, question("now what", follows=last, overflow="summarize")))
    path = store.path(result.id)
    (summary,) = [turn for turn in path if turn.generator == "summarize"]
    assert summary.role == "system"
    sent = engine.requests[-1].messages
    assert sent[0].content.startswith("Rule\n\n")
    assert summary.text in sent[0].content
    assert history_messages(path)[0].content == sent[0].content
    assert [m.content for m in history_messages(path)[1:]] == ["now what", "now what"]
