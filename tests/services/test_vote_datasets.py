"""Datasets from a history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_cli.core.conversation import Turn
from aigc_cli.services.datasets import Wanted, dataset
from aigc_cli.services.feedback import Feedback
from aigc_cli.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a history."""
    store = Store(tmp_path / "aigc.db")
    yield store
    store.close()


def _answered(store: Store, parent: Turn | None, question: str, answer: str, **fields: str) -> Turn:
    conversation = parent.conversation if parent else store.new_conversation()
    asked = store.add_turn(conversation, parent.id if parent else None, "user", question)
    return store.add_turn(conversation, asked.id, "assistant", answer, **fields)  # type: ignore[arg-type]  # texts


def test_the_prompt_is_what_the_model_was_shown(store: Store) -> None:
    """The conversation up to the question goes along, with its system prompt, and other branches do not."""
    conversation = store.new_conversation()
    system = store.add_turn(conversation, None, "system", "be kind")
    first = _answered(store, system, "one?", "1")
    _answered(store, first, "another way?", "no")
    second = _answered(store, first, "two?", "2")
    store.feedback.rate(second, 1)
    (row,) = dataset(store, "sft", Wanted()).rows
    assert [message["content"] for message in row["prompt"]] == ["be kind", "one?", "1", "two?"]
    assert row["completion"] == [{"role": "assistant", "content": "2"}]


def test_corrections_and_votes_make_pairs(store: Store) -> None:
    """What the user wrote is chosen over the answer it corrects; it is an example for SFT as well."""
    answer = _answered(store, None, "capital of France?", "Lyon")
    Feedback(store, signals=False).correct(answer.id, "Paris")
    (row,) = dataset(store, "dpo", Wanted()).rows
    assert (row["chosen"][0]["content"], row["rejected"][0]["content"]) == ("Paris", "Lyon")
    assert [row["completion"][0]["content"] for row in dataset(store, "sft", Wanted()).rows] == ["Paris"]


def test_only_what_is_wanted_is_there(store: Store) -> None:
    """Generator, template, model, adapter and time choose answers; signals count only when asked for."""
    poem = _answered(store, None, "a poem", "roses", generator="poem")
    brief = _answered(store, None, "sum up", "so", template="summarize.en@1#brief", model="m", adapter="mine:1")
    store.feedback.rate(poem, 1)
    rating = store.feedback.rate(brief, 1)
    store.feedback.add_signal(_answered(store, None, "copy me", "copied").id, "copied", 0.5)

    def said(wanted: Wanted) -> list[str]:
        return [row["completion"][0]["content"] for row in dataset(store, "kto", wanted).rows]

    assert said(Wanted()) == ["roses", "so"]
    assert said(Wanted(hints=True)) == ["roses", "so", "copied"]
    assert said(Wanted(generator="poem")) == ["roses"]
    for wanted in (Wanted(generator=""), Wanted(template="summarize.en"), Wanted(model="m"), Wanted(adapter="mine:1")):
        assert said(wanted) == ["so"]
    assert said(Wanted(since=rating.created)) in (["so"], ["roses", "so"])
    assert said(Wanted(since="9999")) == []


def test_the_same_votes_give_the_same_bytes(store: Store) -> None:
    """Two exports have the same hash, however many conversations are read at a time; more votes change it."""
    for i in range(501):
        store.feedback.rate(_answered(store, None, f"question {i}", f"answer {i}"), 1 if i % 3 else -1)
    first = dataset(store, "kto", Wanted())
    assert first == dataset(store, "kto", Wanted())
    assert first.card.rows == 501
    parts = [dataset(store, "kto", Wanted(), split=split).card.rows for split in ("train", "test")]
    assert sum(parts) == 501
    store.feedback.rate(_answered(store, None, "one more", "answer"), 1)
    assert dataset(store, "kto", Wanted()).card.sha256 != first.card.sha256
