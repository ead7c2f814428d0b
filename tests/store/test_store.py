"""What is kept, and how it is found again by id."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_cli.core.errors import AmbiguousRef, NoSuchTurn
from aigc_cli.core.events import Timing, Usage
from aigc_cli.store import Store, rows


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give an empty store."""
    store = Store(tmp_path / "data" / "aigc.db")
    yield store
    store.close()


def test_a_turn_comes_back_as_it_was_added(store: Store) -> None:
    """Everything known of a turn is kept, and another connection to the file reads it."""
    conversation = store.new_conversation()
    question = store.add_turn(conversation, None, "user", "写一首诗", template="poem.zh@2")
    answer = store.add_turn(
        conversation,
        question.id,
        "assistant",
        "",
        status="streaming",
        model="qwen",
        adapter="mine:0.5",
        generator="poem",
        parameters={"temperature": 0.2, "stop": ["。"]},
    )
    store.finish(
        answer.id,
        "床前明月光",
        "complete",
        finish_reason="stop",
        usage=Usage(10, 4, 5),
        timing=Timing(12.5, 33.25),
        seed=2**32 - 2,
    )
    store.close()
    read = store.turn(answer.id)
    assert store.turn(question.id) == question
    assert (read.text, read.status, read.finish_reason, read.seed) == ("床前明月光", "complete", "stop", 2**32 - 2)
    assert (read.prompt_tokens, read.reused_tokens, read.completion_tokens) == (10, 4, 5)
    assert (read.ttft_ms, read.tokens_per_second) == (12.5, 33.25)
    assert (read.model, read.adapter, read.generator) == ("qwen", "mine:0.5", "poem")
    assert read.parameters == {"temperature": 0.2, "stop": ["。"]}
    assert read.parent == question.id


def test_an_answer_that_grows_is_there_before_it_ends(store: Store) -> None:
    """What has been written of an answer is read, and found, while it is still being written."""
    conversation = store.new_conversation()
    answer = store.add_turn(conversation, None, "assistant", "", status="streaming")
    store.grow(answer.id, "机器学")
    assert store.turn(answer.id).text == "机器学"
    assert [turn.id for turn in store.search("机器", 5)] == [answer.id]
    store.finish(answer.id, "机器学习", "interrupted")
    store.grow(answer.id, "late")
    assert store.turn(answer.id).text == "机器学习"
    assert [turn.status for turn in store.search("学习", 5)] == ["interrupted"]


@pytest.mark.parametrize("text", ["half \ud83d of a pair", "a\x00b", "", "\ufeff", "line\r\nline", "\U0010ffff"])
def test_any_text_can_be_kept(store: Store, text: str) -> None:
    """Text that cannot be encoded has the offending character replaced, every other is kept to the letter."""
    turn = store.add_turn(store.new_conversation(text), None, "user", text, parameters={"system": text})
    assert store.turn(turn.id).text == text.replace("\ud83d", "\ufffd")
    assert store.turn(turn.id) == turn


def test_siblings_make_a_tree_and_a_path_leads_to_each(store: Store) -> None:
    """Answers to the same question live side by side; a path holds the ancestors of one turn, the first one first."""
    conversation = store.new_conversation()
    system = store.add_turn(conversation, None, "system", "be brief")
    question = store.add_turn(conversation, system.id, "user", "hi")
    left = store.add_turn(conversation, question.id, "assistant", "left")
    right = store.add_turn(conversation, question.id, "assistant", "right")
    more = store.add_turn(conversation, left.id, "user", "more")
    assert [turn.id for turn in store.path(more.id)] == [system.id, question.id, left.id, more.id]
    assert [turn.id for turn in store.path(right.id)] == [system.id, question.id, right.id]
    assert store.tip(conversation) == more
    assert [turn.id for turn in store.list_turns(2, conversation)] == [more.id, right.id]


def test_a_conversation_is_called_by_its_title_or_first_question(store: Store) -> None:
    """A list of conversations names each, the last used first, and leaves out the empty ones."""
    named, nameless = store.new_conversation("诗"), store.new_conversation()
    store.new_conversation("never used")
    store.add_turn(nameless, store.add_turn(nameless, None, "system", "be brief").id, "user", "问题" * 100)
    newest = store.add_turn(named, None, "user", "x")
    first, second = store.list_conversations(5)
    assert (first.id, first.title, first.turns, first.updated) == (named, "诗", 1, newest.created)
    assert (second.id, second.title, second.turns) == (nameless, "问题" * 40, 2)
    assert store.list_conversations(1) == [first]


def test_a_ref_is_an_id_its_beginning_or_last(store: Store) -> None:
    """Turns and conversations are named by as much of their id as is needed, in either case."""
    conversation = store.new_conversation()
    question = store.add_turn(conversation, None, "user", "q")
    answer = store.add_turn(conversation, question.id, "assistant", "a")
    assert store.turn("last") == store.follow("last") == store.follow(conversation) == answer
    assert store.turn(question.id[:20].upper()) == store.follow(question.id[:20]) == question
    assert store.conversation(conversation[:20]) == store.conversation(answer.id[:20]) == conversation
    assert store.conversation("last") == conversation


def test_a_ref_that_names_several_or_nothing_is_refused(store: Store) -> None:
    """A beginning that is shared is refused, unless all it names is in the one conversation that is asked for."""
    for ref in ("last", "01", "", "%", "_", "nowhere"):
        with pytest.raises(NoSuchTurn):
            store.turn(ref)
        with pytest.raises(NoSuchTurn):
            store.conversation(ref)
        with pytest.raises(NoSuchTurn):
            store.delete(ref)
    conversation = store.new_conversation()
    store.add_turn(conversation, None, "user", "q")
    store.add_turn(conversation, None, "user", "r")
    assert store.conversation("0") == conversation
    for ambiguous in (store.turn, store.follow, store.delete):
        with pytest.raises(AmbiguousRef):
            ambiguous("0")
    store.new_conversation()
    with pytest.raises(AmbiguousRef):
        store.conversation("0")


def test_a_turn_cannot_follow_what_is_not_there(store: Store) -> None:
    """A turn whose conversation or parent was deleted meanwhile, or is elsewhere, is refused and nothing is added."""
    here, there = store.new_conversation(), store.new_conversation()
    parent = store.add_turn(there, None, "user", "q")
    for conversation, ref in ((here, parent.id), (here, "gone"), ("gone", None)):
        with pytest.raises(NoSuchTurn):
            store.add_turn(conversation, ref, "user", "x")
    assert store.list_turns(9) == [parent]


def test_deleting_a_turn_takes_what_follows_it(store: Store) -> None:
    """A turn goes with its descendants and no others; the last one takes the conversation along."""
    conversation = store.new_conversation()
    question = store.add_turn(conversation, None, "user", "机器学习一")
    kept = store.add_turn(conversation, question.id, "assistant", "机器学习二")
    gone = store.add_turn(conversation, question.id, "assistant", "机器学习三")
    store.add_turn(conversation, gone.id, "user", "机器学习四")
    store.add_turn(conversation, gone.id, "assistant", "机器学习五", status="streaming")
    assert [turn.text[-1] for turn in store.branch(gone.id)] == ["三", "四", "五"]
    assert store.delete(gone.id) == 3
    assert [turn.id for turn in store.search("学习", 9)] == [kept.id, question.id]
    assert store.tip(conversation) == kept
    assert store.branch(conversation) == store.branch(question.id) == [question, kept]
    assert store.delete(question.id) == 2
    assert store.search("学习", 9) == []
    with pytest.raises(NoSuchTurn):
        store.conversation(conversation)


def test_deleting_a_conversation_takes_all_its_turns(store: Store) -> None:
    """A conversation goes as a whole, however deep, and the others stay."""
    other = store.add_turn(store.new_conversation(), None, "user", "stays")
    conversation, parent = store.new_conversation(), None
    with store.batch():
        for _ in range(1500):
            parent = store.add_turn(conversation, parent, "user", "goes").id
    assert len(store.path(str(parent))) == 1500
    assert store.delete(conversation) == 1500
    assert store.list_turns(9) == [other]


def test_an_answer_deleted_while_it_grows_stays_deleted(store: Store) -> None:
    """Writing to a turn that the user has deleted elsewhere neither fails nor brings it back."""
    conversation = store.new_conversation()
    answer = store.add_turn(conversation, None, "assistant", "", status="streaming")
    store.delete(answer.id)
    store.grow(answer.id, "more")
    store.finish(answer.id, "all", "complete")
    assert store.list_turns(9) == []


def test_what_was_deleted_is_in_no_file(store: Store, tmp_path: Path) -> None:
    """Deleted words are overwritten in the database, its index and its log."""
    store.add_turn(store.new_conversation(), None, "user", "stays")
    secret = store.add_turn(store.new_conversation(), None, "user", "the password is correcthorse 暗号")

    def holds(word: str) -> bool:
        return any(word.encode() in file.read_bytes() for file in (tmp_path / "data").iterdir())

    assert holds("correcthorse")
    assert holds("暗号")
    store.delete(secret.id)
    assert not holds("correcthorse")
    assert not holds("暗号")
    assert holds("stays")


def test_deleting_from_a_large_index_goes_in_steps(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many steps it takes, the words are gone in the end, and what stays is still found."""
    monkeypatch.setattr(rows, "_PAGES", 1)
    secret = store.add_turn(store.new_conversation(), None, "user", "correcthorse")
    conversation = store.new_conversation()
    for number in range(300):
        store.add_turn(conversation, None, "user", " ".join(f"word{number * 37 + at}" for at in range(40)))
    steps = []

    def merge(conn: sqlite3.Connection, *, first: bool) -> bool:
        steps.append(rows.merge(conn, first=first))
        return steps[-1]

    monkeypatch.setattr("aigc_cli.store.store.merge", merge)
    store.delete(secret.id)
    assert len(steps) > 3
    assert not any(b"correcthorse" in file.read_bytes() for file in (tmp_path / "data").iterdir())
    assert [turn.text.split()[0] for turn in store.search("word0", 9)] == ["word0"]


def test_a_batch_is_written_as_a_whole_or_not_at_all(store: Store) -> None:
    """An error inside a batch undoes all of it."""
    conversation = store.new_conversation()
    with pytest.raises(NoSuchTurn), store.batch():
        store.add_turn(conversation, store.add_turn(conversation, None, "user", "one").id + "x", "user", "two")
    assert store.list_turns(9) == []
    with store.batch():
        store.add_turn(conversation, None, "user", "one")
    assert len(store.list_turns(9)) == 1
