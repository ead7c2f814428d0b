"""Search, against the definition of what it finds."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_cli.store import Store
from aigc_cli.store.words import Query

HAN = "学习机器的一是深度𠮷㐀豈〇々"
LETTERS = st.sampled_from(HAN + "カナひら한국어ไทย" + "aAbcZé9_" + " 　\n\t" + "+-.'\"*:(),，。🎉\x00")
TEXTS = st.lists(st.text(LETTERS, max_size=25), min_size=1, max_size=12)


@settings(deadline=None, max_examples=150)
@given(texts=TEXTS, data=st.data())
def test_search_finds_exactly_what_matches(texts: list[str], data: st.DataObject) -> None:
    """The index proposes every turn that matches: search returns all of them, the newest first, and nothing else."""
    query = data.draw(st.one_of(st.text(LETTERS, max_size=6), _excerpt(texts)))
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "aigc.db")
        with store.batch():
            conversation = store.new_conversation()
            for text in texts:
                store.add_turn(conversation, None, "user", text)
        found = [turn.text for turn in store.search(query, 100)]
        store.close()
    visible = bool(Query(query).expression())
    assert found == [text for text in reversed(texts) if visible and Query(query).matches(text)]


@settings(deadline=None, max_examples=100)
@given(text=st.text(st.sampled_from(HAN + "ab 1，。"), min_size=2, max_size=40), data=st.data())
def test_every_two_chinese_characters_are_found(text: str, data: st.DataObject) -> None:
    """Any two neighbouring characters of a Chinese text find it, wherever in a run they are."""
    pairs = [text[i : i + 2] for i in range(len(text) - 1) if set(text[i : i + 2]) <= set(HAN)]
    if pairs:
        assert Query(data.draw(st.sampled_from(pairs))).matches(text)


def _excerpt(texts: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(texts).flatmap(
        lambda text: st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(
            lambda ends: text[min(ends) : max(ends)]
        )
    )


def test_the_newest_results_come_first_and_no_more_than_asked_for(tmp_path: Path) -> None:
    """A word that is everywhere yields the last few turns that have it."""
    store = Store(tmp_path / "aigc.db")
    conversation = store.new_conversation()
    for number in range(10):
        store.add_turn(conversation, None, "user", f"学习 {number}")
    assert [turn.text for turn in store.search("学习", 3)] == ["学习 9", "学习 8", "学习 7"]
    assert store.search("学习", 0) == []
    store.close()
