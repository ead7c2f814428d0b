"""Moving in the tree of a conversation, on a real store."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import UsageProblem
from aigc_cli.services.thread import Thread
from aigc_cli.store import Store


@pytest.fixture
def thread(tmp_path: Path) -> Thread:
    """Return a thread in an empty history."""
    return Thread(Store(tmp_path / "aigc.db"))


def say(thread: Thread, question: str, answer: str) -> Turn:
    """Add a question and its answer where the thread is, go there, and return the answer."""
    conversation = thread.tip.conversation if thread.tip else thread.store.new_conversation()
    asked = thread.store.add_turn(conversation, thread.tip.id if thread.tip else None, "user", question)
    thread.tip = thread.store.add_turn(conversation, asked.id, "assistant", answer)
    return thread.tip


def texts(thread: Thread) -> list[str]:
    """Return the texts that lead to where the thread is."""
    return [turn.text for turn in thread.path()]


def test_a_thread_begins_nowhere(thread: Thread) -> None:
    """Nothing leads there, no branch is beside it, and there is no question to take back."""
    assert (thread.path(), thread.tree(), thread.step(1), thread.place()) == ([], [], None, (1, 1))
    with pytest.raises(UsageProblem):
        thread.take_back()


def test_taking_back_leaves_the_turns_where_they_are(thread: Thread) -> None:
    """Two questions taken back are the way forward again; more than there are is refused, and moves nothing."""
    for n in range(3):
        last = say(thread, f"q{n}", f"a{n}")
    assert thread.take_back(2).text == "q1"
    assert texts(thread) == ["q0", "a0"]
    with pytest.raises(UsageProblem):
        thread.take_back(2)
    assert thread.step(1) == (1, 1)
    assert thread.tip == last


def test_branches_beside_each_other(thread: Thread) -> None:
    """From the newest branch one goes back to the earlier ones, each at its newest turn, and forth again."""
    say(thread, "q", "a")
    for n in range(3):
        thread.go_after(1)
        say(thread, f"branch {n}", f"answer {n}")
    assert thread.step(1) is None
    assert thread.step(-1) == (2, 3)
    assert texts(thread) == ["q", "a", "branch 1", "answer 1"]
    assert thread.step(-1) == (1, 3)
    assert thread.step(-1) is None
    assert thread.step(1) == (2, 3)


def test_answers_to_one_question_are_siblings(thread: Thread) -> None:
    """The place of an answer is its number among those to the same question; the nearest fork is moved at first."""
    say(thread, "q", "a")
    say(thread, "r", "first")
    assert thread.tip
    thread.tip = thread.store.add_turn(thread.tip.conversation, thread.tip.parent, "assistant", "second")
    assert thread.place() == (2, 2)
    assert thread.step(-1) == (1, 2)
    assert texts(thread)[-1] == "first"


def test_questions_have_numbers(thread: Thread) -> None:
    """They count from 1 on the way here; others are refused."""
    say(thread, "one", "1")
    say(thread, "two", "2")
    assert [thread.question(n).text for n in (1, 2, None)] == ["one", "two", "two"]
    for wrong in (0, 3, -1):
        with pytest.raises(UsageProblem):
            thread.question(wrong)


def test_going_after_a_question_that_has_no_answer(thread: Thread) -> None:
    """The question itself is where the conversation goes on."""
    conversation = thread.store.new_conversation()
    thread.tip = thread.store.add_turn(conversation, None, "user", "unanswered")
    thread.go_after(1)
    assert texts(thread) == ["unanswered"]


def test_the_beginning_is_a_place_of_the_conversation(thread: Thread) -> None:
    """With the first question taken back, the conversation is still the same, and the way forward leads into it."""
    last = say(thread, "q", "a")
    thread.take_back()
    assert (thread.tip, thread.conversation, len(thread.tree())) == (None, last.conversation, 2)
    assert thread.step(1) == (1, 1)
    assert thread.tip == last
    thread.begin()
    assert (thread.conversation, thread.tree()) == ("", [])
