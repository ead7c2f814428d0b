"""Which words of a template are used, from real votes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_cli.feedback.variants import chances, expected, interval
from aigc_cli.services.trying import standings, worded
from aigc_cli.store import Store
from aigc_cli.templates import Templates


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a history."""
    store = Store(tmp_path / "aigc.db")
    yield store
    store.close()


def _vote(store: Store, template: str, liked: int, disliked: int) -> None:
    asked = store.add_turn(store.new_conversation(), None, "user", "?")
    for value in [1] * liked + [-1] * disliked:
        turn = store.add_turn(asked.conversation, asked.id, "assistant", "text", template=template)
        store.feedback.rate(turn, value)  # type: ignore[arg-type]  # 1 or -1


def test_words_follow_the_votes_on_this_version(store: Store) -> None:
    """Without votes they are the template's own; with votes the best are used most, and the same for the same seed."""
    template = Templates(Path("/nowhere"), list).get("summarize.en")
    _vote(store, "summarize.en@0#gist", 30, 0)
    assert worded(template, store, None) is template
    _vote(store, "summarize.en@1", 2, 8)
    _vote(store, "summarize.en@1#gist", 9, 1)
    used = Counter(worded(template, store, seed).variant for seed in range(200))
    assert used["gist"] > 100 > used["points"] > used[""]
    assert len({worded(template, store, 7).reference for _ in range(20)}) == 1


def test_standings_are_what_the_votes_come_to(store: Store) -> None:
    """They equal a direct computation; a template that is named has all its variants, others those voted on."""
    template = Templates(Path("/nowhere"), list).get("explain.zh")
    _vote(store, "explain.zh@1", 3, 1)
    _vote(store, "title.en@2#x", 0, 2)
    listed = {(one.template, one.variant): one for one in standings(store)}
    assert listed.keys() == {("explain.zh@1", "base"), ("title.en@2", "x")}
    base, picture = standings(store, template)
    assert (base.variant, base.liked, base.disliked) == ("base", 3, 1)
    assert (picture.variant, picture.liked, picture.disliked) == ("picture", 0, 0)
    assert (base.mean, (base.low, base.high)) == (expected((3, 1)), interval((3, 1)))
    assert {one.variant: one.best for one in (base, picture)} == chances({"base": (3, 1), "picture": (0, 0)})
