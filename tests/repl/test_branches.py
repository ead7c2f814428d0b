"""Retry, edit, undo and the ways between branches, in a chat on the echo engine."""

from __future__ import annotations

from pathlib import Path

from echo_chat import Chat


def test_a_retry_is_a_sibling(chat: Chat) -> None:
    """The old answer stays; /prev goes back to it; the new one has the setting it was asked with."""
    chat.do("one", "two")
    old = chat.path[-1].id
    assert "answer 2 of 2" in chat.do("/retry temperature=0.1 seed=7")
    new = chat.path[-1]
    assert (new.parameters["temperature"], new.seed) == (0.1, 7)
    assert chat.texts == ["one", "one", "two", "two"]
    chat.do("/prev")
    assert chat.path[-1].id == old
    chat.do("/下一个")
    assert chat.path[-1].id == new.id
    assert len(chat.session.thread.tree()) == 5


def test_a_retry_with_a_bad_setting_changes_nothing(chat: Chat) -> None:
    """The error names the settings there are, and no turn is added."""
    chat.do("one")
    assert "temperature" in chat.do("/retry heat=1")
    assert "out of range" in chat.do("/retry temperature=-1")
    assert "model" in chat.do("/retry no-such-model")
    assert len(chat.session.thread.tree()) == 2


def test_an_edited_question_is_a_sibling_of_the_old_one(chat: Chat) -> None:
    """/edit puts the question into the prompt; what is sent then stands beside it and has its predecessors."""
    chat.do("first", "second", "third")
    chat.do("/edit 2")
    assert chat.session.prefill == "second"
    chat.do("second, better")
    assert chat.texts == ["first", "first", "second, better", "second, better"]
    chat.do("/prev")
    assert chat.texts[-1] == "third"


def test_the_first_question_can_be_edited(chat: Chat) -> None:
    """It has no predecessor; the system prompt, if there is one, stays."""
    chat.do("/system Be brief.", "hello", "/edit", "good morning")
    assert chat.texts == ["Be brief.", "good morning", "good morning"]


def test_another_command_ends_an_edit(chat: Chat) -> None:
    """After it, what is said goes on from where the chat is."""
    chat.do("first", "/edit", "/context", "second")
    assert chat.texts == ["first", "first", "second", "second"]


def test_undo_takes_nothing_out(chat: Chat) -> None:
    """It names the turn that leads back; what is said next is a branch."""
    chat.do("one", "two")
    left = chat.path[-1]
    said = chat.do("/undo")
    assert left.id[:14] in said
    assert chat.texts == ["one", "one"]
    chat.do("three", f"/resume {left.id[:14]}")
    assert chat.texts == ["one", "one", "two", "two"]
    assert "no question 0" in chat.do("/undo 3")


def test_branch_lists_the_questions_and_goes_to_one(chat: Chat) -> None:
    """The next message follows the answer to it."""
    chat.do("one", "two", "three")
    assert "2 two" in chat.do("/branch")
    chat.do("/branch 1", "else")
    assert chat.texts == ["one", "one", "else", "else"]


def test_the_tree_shows_every_turn_and_the_way_here(chat: Chat) -> None:
    """Each turn is in one line with its id; those on the way here have a star."""
    chat.do("one", "/retry", "二", "/prev")
    drawn = chat.do("/树")
    assert drawn.count("\n") == len(chat.session.thread.tree()) + 1
    starred = {line[:14] for line in drawn.splitlines() if line[15:16] == "*"}
    assert starred == {turn.id[:14] for turn in chat.path}


def test_the_ends_of_the_tree(chat: Chat) -> None:
    """Without branches, and in an empty conversation, each command says what is not there, in one line."""
    for line in ("/prev", "/next", "/retry", "/edit", "/undo", "/tree", "/branch 1", "/edit x", "/undo 0"):
        assert chat.do(line).count("\n") == 1, line
    chat.do("one")
    assert "no earlier branch" in chat.do("/prev")
    assert "no later branch" in chat.do("/next")


def test_an_edit_that_cannot_be_sent_stays_one(chat: Chat) -> None:
    """What was typed is in the next prompt, and when it is sent it still takes the old question's place."""
    chat.do("first", "/set context 64", "/edit", "long " * 100)
    assert chat.session.prefill
    chat.do("short")
    assert chat.texts == ["short", "short"]
    assert len(chat.session.thread.tree()) == 4
    chat.do("/prev")
    assert chat.texts == ["first", "first"]


def test_a_retry_leaves_alone_what_waits_for_the_next_message(chat: Chat, tmp_path: Path) -> None:
    """A file that is to go along with the next message still does."""
    (tmp_path / "a.txt").write_text("inside", encoding="utf-8")
    chat.do("one", f"/file {tmp_path / 'a.txt'}", "/retry", "two")
    assert chat.texts[-1] == "two\n\na.txt:\n\ninside"
