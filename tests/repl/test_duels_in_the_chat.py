"""``/duel`` in the chat, on the echo engine."""

from __future__ import annotations

import pytest
from echo_chat import Chat
from prompt_toolkit.input import PipeInput


@pytest.mark.parametrize(("key", "place"), [("1", "first"), ("2", "second"), ("t", "first"), ("b", None)])
def test_the_conversation_goes_on_from_the_chosen_answer(
    chat: Chat, keys: PipeInput, key: str, place: str | None
) -> None:
    """After a tie it goes on from the answer shown first, and where both are bad the question waits for an answer."""
    chat.do("hello")
    keys.send_text(f"{key}\r")
    shown = chat.do("/duel temperature=1.9 cats?")
    before, _, after = shown.partition("both are bad")
    assert "temperature" not in before
    assert "temperature=1.9" in after
    store = chat.session.thread.store
    (duel,) = store.feedback.duels()
    where = {"first": duel.first, "second": duel.second, None: store.turn(duel.first).parent}
    assert chat.path[-1].id == where[place]
    assert chat.texts[:3] == ["hello", "hello", "cats?"]
    assert len(store.feedback.pairs()) == (key in "12")


def test_a_duel_about_the_last_question(chat: Chat, keys: PipeInput) -> None:
    """Without a question two more answers to the last one compete; to say nothing leaves the duel undecided."""
    chat.do("cats?")
    old = chat.path[-1]
    keys.send_text("\r")
    chat.do("/对决 top_k=1 temperature=0.3")
    store = chat.session.thread.store
    (duel,) = store.feedback.duels()
    assert duel.outcome is None
    assert {turn.id for turn in store.siblings(old)} == {old.id, duel.first, duel.second}
    assert [turn.role for turn in chat.path] == ["user", "assistant"]
    assert "no question yet" in chat.do("/new", "/duel")
