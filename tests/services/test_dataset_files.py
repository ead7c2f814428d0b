"""Datasets in files, there and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_cli.core.dataset import DatasetKind
from aigc_cli.core.errors import MissingExtra, UnreadableFile, UsageProblem
from aigc_cli.services.dataset_files import export, take_in
from aigc_cli.services.datasets import Wanted, dataset
from aigc_cli.services.feedback import Feedback
from aigc_cli.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a history with votes, a pair and a correction, in a conversation of several turns."""
    store = Store(tmp_path / "aigc.db")
    feedback = Feedback(store, signals=False)
    system = store.add_turn(store.new_conversation(), None, "system", "Be kind, 请简短。")
    first = store.add_turn(system.conversation, system.id, "user", 'What is "ice"?\nSay it.')
    good = store.add_turn(system.conversation, first.id, "assistant", "=frozen, water", template="t.en@1")
    bad = store.add_turn(system.conversation, first.id, "assistant", "- tea\n- 水")
    feedback.rate(good.id, 1, ["concise"], "just, so")
    feedback.rate(bad.id, -1)
    second = store.add_turn(system.conversation, good.id, "user", "And snow?")
    wrong = store.add_turn(system.conversation, second.id, "assistant", "Sand.")
    feedback.correct(wrong.id, "Also ice.")
    yield store
    store.close()


FILES: list[tuple[DatasetKind, str]] = [
    ("kto", "jsonl"),
    ("kto", "parquet"),
    ("dpo", "jsonl"),
    ("dpo", "parquet"),
    ("reward", "jsonl"),
    ("sft", "parquet"),
    ("csv", "csv"),
]


@pytest.mark.parametrize(("kind", "form"), FILES)
def test_a_file_comes_back_as_it_was(store: Store, tmp_path: Path, kind: DatasetKind, form: str) -> None:
    """Taken into an empty history and exported again it has the same rows; taking it in twice adds nothing."""
    data = dataset(store, kind, Wanted())
    path = tmp_path / f"votes.{form}"
    card = export(data, path)
    assert data.card.sha256 in card.read_text()
    other = Store(tmp_path / "other.db")
    taken = take_in(other, path)
    assert (taken.rows, taken.votes + taken.pairs, taken.skipped) == (len(data.rows), len(data.rows), 0)
    again = take_in(other, path)
    assert again.votes + again.pairs == 0
    back = dataset(other, kind, Wanted())

    def plain(rows: tuple[dict[str, object], ...]) -> list[dict[str, object]]:
        kept = [{key: value for key, value in row.items() if key != "voted"} for row in rows]
        return sorted(kept, key=str)

    assert plain(back.rows) == plain(data.rows)
    other.close()


@pytest.mark.parametrize(("kind", "form"), FILES)
def test_writing_twice_gives_the_same_bytes(store: Store, tmp_path: Path, kind: DatasetKind, form: str) -> None:
    """Files and cards do not change with the time at which they are written."""
    files = [tmp_path / folder / f"votes.{form}" for folder in ("a", "b")]
    for path in files:
        path.parent.mkdir()
        export(dataset(store, kind, Wanted()), path)
    assert files[0].read_bytes() == files[1].read_bytes()
    cards = [path.with_name(f"{path.name}.card.md").read_bytes() for path in files]
    assert cards[0] == cards[1]


def test_rows_load_with_pyarrow_as_trainers_expect(store: Store, tmp_path: Path) -> None:
    """Messages are lists of role and content, and a label is a truth value."""
    from pyarrow import parquet

    export(dataset(store, "kto", Wanted()), tmp_path / "votes.parquet")
    (first, *_) = parquet.read_table(tmp_path / "votes.parquet").to_pylist()
    assert [message["role"] for message in first["prompt"]] == ["system", "user"]
    assert first["completion"] == [{"role": "assistant", "content": "=frozen, water"}]
    assert first["label"] is True


@pytest.mark.parametrize(
    "text",
    ["", "[1]", "nonsense", '{"prompt": "x"}', '{"prompt": [{"role": "robot", "content": "x"}], "completion": "y"}'],
)
def test_what_is_no_dataset_is_refused(store: Store, tmp_path: Path, text: str) -> None:
    """A file without a usable row adds nothing, and says so unless it is empty."""
    path = tmp_path / "votes.jsonl"
    path.write_text(text)
    before = store.count_turns()
    if text:
        with pytest.raises(UnreadableFile):
            take_in(store, path)
    else:
        assert take_in(store, path).rows == 0
    assert store.count_turns() == before


def test_names_of_files_say_their_form(store: Store, tmp_path: Path) -> None:
    """A name that does not fit is refused before anything is written."""
    for kind, name in (("kto", "votes.csv"), ("csv", "votes.jsonl"), ("dpo", "votes")):
        with pytest.raises(UsageProblem):
            export(dataset(store, kind, Wanted()), tmp_path / name)  # type: ignore[arg-type]  # kinds
    with pytest.raises(UnreadableFile):
        take_in(store, tmp_path / "votes.txt")
    assert not list(tmp_path.glob("votes*"))


def test_parquet_without_its_library_is_an_error_of_one_line(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pyarrow is not installed the user is told how to get it, and no file is left."""
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match="pyarrow"):
        export(dataset(store, "kto", Wanted()), tmp_path / "votes.parquet")
    assert not list(tmp_path.glob("*votes*"))
