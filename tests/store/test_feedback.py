"""Votes, pairs, signals and duels in the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import NoSuchDuel, NoSuchTurn
from aigc_cli.core.feedback import Tally
from aigc_cli.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a history."""
    store = Store(tmp_path / "aigc.db")
    yield store
    store.close()


def _answers(store: Store, count: int, **fields: str) -> list[Turn]:
    """Add a question with answers."""
    with store.batch():
        conversation = store.new_conversation()
        question = store.add_turn(conversation, None, "user", "?")
        return [store.add_turn(conversation, question.id, "assistant", f"{i}", **fields) for i in range(count)]  # type: ignore[arg-type]


def test_a_vote_is_read_as_it_was_given(store: Store) -> None:
    """A rating comes back with its reasons and note, a second one takes its place, and it can be taken back once."""
    (turn,) = _answers(store, 1)
    store.feedback.rate(turn, 1, ["简洁", 'a"b'], "好\ud800")
    given = store.feedback.rating(turn.id)
    assert given is not None
    assert (given.value, given.reasons, given.note) == (1, ("简洁", 'a"b'), "好\ufffd")
    store.feedback.rate(turn, -1)
    assert [(rating.value, rating.reasons) for rating, _ in store.feedback.ratings()] == [(-1, ())]
    assert store.feedback.unrate(turn.id)
    assert not store.feedback.unrate(turn.id)
    assert store.feedback.rating(turn.id) is None


def test_votes_come_newest_first_and_by_what_is_asked_for(store: Store) -> None:
    """`ratings` yields each vote once with its turn, in the reverse order of voting, over many pages, and filters."""
    chat, poems = _answers(store, 700), _answers(store, 3, generator="poem", model="m")
    with store.batch():
        for turn in [*chat, *poems]:
            store.feedback.rate(turn, 1 if turn.text in ("0", "2") else -1)
    times = [rating.created for rating, _ in store.feedback.ratings()]
    assert times == sorted(times, reverse=True)
    assert {turn.id for _, turn in store.feedback.ratings()} == {turn.id for turn in [*chat, *poems]}
    assert len(times) == 703
    assert {turn.text for _, turn in store.feedback.ratings(generator="poem", value=1)} == {"0", "2"}
    assert len(list(store.feedback.ratings(generator="", value=1))) == 2
    assert list(store.feedback.ratings(since="2999")) == []


def test_tallies_count_votes_by_what_made_the_answers(store: Store) -> None:
    """Each combination of generator, template, model and adapter has its own count of votes for each day."""
    made = {"generator": "poem", "template": "haiku@1", "model": "m", "adapter": "brief:1"}
    for turn in _answers(store, 3, **made):
        store.feedback.rate(turn, -1 if turn.text == "2" else 1)
    (other,) = _answers(store, 1)
    day = store.feedback.rate(other, 1).created[:10]
    assert sorted(store.feedback.tallies(), key=lambda tally: tally.generator) == [
        Tally("", "", "", "", day, 1, 0),
        Tally("poem", "haiku@1", "m", "brief:1", day, 2, 1),
    ]


def test_a_pair_is_kept_once_and_in_one_direction(store: Store) -> None:
    """Saying the same again adds nothing; what comes from elsewhere, and the opposite, takes its place."""
    first, second = (turn.id for turn in _answers(store, 2))
    pair = store.feedback.add_pair(first, second, "duel")
    assert store.feedback.add_pair(first, second, "duel") == pair
    store.feedback.add_pair(first, second, "correction")
    assert store.feedback.pair_counts() == {"correction": 1}
    store.feedback.add_pair(second, first, "retry")
    assert [(pair.chosen, pair.origin) for pair in store.feedback.pairs(turn=first)] == [(second, "retry")]
    store.feedback.remove_pairs("duel", chosen=second)
    assert store.feedback.pair_counts() == {"retry": 1}
    store.feedback.remove_pairs("retry", rejected=first)
    assert store.feedback.pairs() == []


def test_a_duel_is_decided_once(store: Store) -> None:
    """A duel waits for its choice, across a restart, and a second choice is refused."""
    first, second = (turn.id for turn in _answers(store, 2))
    duel = store.feedback.start_duel(first, second)
    store.close()
    assert store.feedback.duel_counts() == {"undecided": 1}
    assert store.feedback.open_duel("last") == store.feedback.open_duel(duel.id) == duel
    store.feedback.decide_duel(duel.id, "tie")
    with pytest.raises(NoSuchDuel):
        store.feedback.decide_duel(duel.id, "first")
    with pytest.raises(NoSuchDuel):
        store.feedback.open_duel("last")
    assert [one.outcome for one in store.feedback.duels()] == ["tie"]
    assert store.feedback.duel_counts() == {"tie": 1}


def test_deleting_turns_deletes_what_was_said_of_them(store: Store) -> None:
    """A deleted turn takes its vote, signals, pairs and duels along; those of its siblings stay."""
    first, second, third = _answers(store, 3)
    for turn in (first, second, third):
        store.feedback.rate(turn, 1)
        store.feedback.add_signal(turn.id, "copied", 0.5)
        store.feedback.add_signal(turn.id, "copied", 0.5)
    store.feedback.add_pair(first.id, second.id, "duel")
    store.feedback.start_duel(second.id, first.id)
    kept = store.feedback.add_pair(first.id, third.id, "duel")
    assert store.feedback.signal_counts() == {"copied": 3}
    assert store.delete(second.id) == 1
    assert {turn.id for _, turn in store.feedback.ratings()} == {first.id, third.id}
    assert [signal.turn for signal in store.feedback.signals()] == sorted([first.id, third.id])
    assert store.feedback.pairs() == [kept]
    assert store.feedback.duels() == []
    with pytest.raises(NoSuchTurn):
        store.feedback.rate(second, 1)
    store.delete(first.conversation)
    assert list(store.feedback.ratings()) == []
