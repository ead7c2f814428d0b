"""A question that does not fit the context."""

from __future__ import annotations

import pytest
from echo_chat import Chat


@pytest.fixture
def full(chat: Chat) -> Chat:
    """Return a chat of two questions and answers in which there is no room for a third."""
    chat.do("/set context 256", "one " * 40, "two " * 40)
    return chat


QUESTION = "three " * 40


def test_the_user_is_told_what_would_go_and_may_cancel(full: Chat) -> None:
    """Nothing is sent, and the question is in the next prompt."""
    full.keys.send_text("c\r")
    said = full.do(QUESTION)
    assert "256" in said
    assert "one one" in said
    assert len(full.path) == 4
    assert full.session.prefill == QUESTION.rstrip()


def test_dropping_leaves_the_turns_in_the_history(full: Chat) -> None:
    """The conversation goes on where it was, with all its turns."""
    full.keys.send_text("d\r")
    full.do(QUESTION)
    assert len(full.path) == 6
    assert full.texts[-1].startswith("three")


def test_a_summary_is_a_turn_that_can_be_seen(full: Chat) -> None:
    """It stands between what it summarizes and the question."""
    full.keys.send_text("s\r")
    full.do(QUESTION)
    assert [turn.role for turn in full.path[-3:]] == ["system", "user", "assistant"]
    assert full.path[-3].generator == "summarize"
    assert full.path[-3].text in full.do("/history")


def test_a_branch_begins_afresh(full: Chat) -> None:
    """The question is asked without the conversation so far."""
    full.keys.send_text("b\r")
    full.do(QUESTION)
    assert [turn.role for turn in full.path] == ["user", "assistant"]


def test_a_question_that_can_never_fit_is_an_error(full: Chat) -> None:
    """One line says so, nobody is asked anything, and the question is in the next prompt."""
    said = full.do("long " * 300)
    assert said.count("\n") == 1
    assert full.session.prefill
    assert len(full.path) == 4


def test_stopping_a_summary_sends_nothing(full: Chat) -> None:
    """The question is in the next prompt, and the history is as it was."""
    full.session.cancel.set()
    full.keys.send_text("s\r")
    assert "stopped" in full.do(QUESTION)
    assert len(full.session.thread.tree()) == 4
    assert full.session.prefill == QUESTION.rstrip()
