"""What follows from a vote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import NoSuchDuel, NoSuchTurn, NotAnAnswer, UsageProblem
from aigc_cli.services.feedback import Feedback
from aigc_cli.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a history."""
    store = Store(tmp_path / "aigc.db")
    yield store
    store.close()


@pytest.fixture
def feedback(store: Store) -> Feedback:
    """Give what votes on it."""
    return Feedback(store, signals=True)


def _question(store: Store) -> Turn:
    return store.add_turn(store.new_conversation(), None, "user", "?")


def _answer(store: Store, question: Turn, text: str, *, seed: int = 0, generator: str = "") -> Turn:
    turn = store.add_turn(
        question.conversation, question.id, "assistant", "", status="streaming", model="m", generator=generator
    )
    store.finish(turn.id, text, "complete", seed=seed)
    return store.turn(turn.id)


def test_voting_again_changes_nothing(store: Store, feedback: Feedback) -> None:
    """The same vote is the same row; reasons add up, and a vote of the other kind begins anew."""
    turn = _answer(store, _question(store), "text")
    first = feedback.rate("last", 1, ["Too  Long"], " good ").rating
    assert (first.reasons, first.note) == (("too-long",), "good")
    assert feedback.rate(turn.id, 1).rating == feedback.rate("last", 1, ["too-long"]).rating == first
    assert feedback.rate("last", 1, ["clear"]).rating.reasons == ("too-long", "clear")
    other = feedback.rate("last", -1).rating
    assert (other.value, other.reasons, other.note) == (-1, (), "")
    assert not feedback.undo("last", 1)
    assert feedback.undo("last", -1)
    assert not feedback.undo("last")


def test_only_answers_are_voted_on(store: Store, feedback: Feedback) -> None:
    """`last` is the newest answer, even with a question after it; a question and an unknown id are refused."""
    with pytest.raises(NoSuchTurn):
        feedback.rate("last", 1)
    turn = _answer(store, _question(store), "text")
    asked = _question(store)
    assert feedback.rate("last", 1).rating.turn == turn.id
    with pytest.raises(NotAnAnswer):
        feedback.rate(asked.id, 1)
    with pytest.raises(NoSuchTurn):
        feedback.rate("zzzz", 1)


def test_liking_the_answer_to_a_retry_makes_a_pair(store: Store, feedback: Feedback) -> None:
    """The pair has the old answer as rejected; it goes with the vote, and when the old answer is liked, too."""
    question = _question(store)
    old, new = _answer(store, question, "old", seed=7), _answer(store, question, "new", seed=99)
    made = feedback.rate(new.id, 1).pair
    assert made is not None
    assert (made.chosen, made.rejected, made.origin) == (new.id, old.id, "retry")
    assert feedback.rate(new.id, 1).pair == made
    feedback.undo(new.id)
    assert store.feedback.pairs() == []
    feedback.rate(new.id, 1)
    feedback.rate(old.id, 1)
    assert store.feedback.pairs() == []
    assert feedback.rate(new.id, 1).pair is None
    feedback.rate(old.id, -1)
    assert feedback.rate(new.id, 1).pair is not None
    feedback.rate(new.id, -1)
    assert store.feedback.pairs() == []


def test_candidates_drafts_and_empty_answers_are_no_retries(store: Store, feedback: Feedback) -> None:
    """Liking one of several answers to one request says nothing of the others, nor does liking a generator's draft."""
    question = _question(store)
    _answer(store, question, "first", seed=7)
    candidate = _answer(store, question, "second", seed=8)
    assert feedback.rate(candidate.id, 1).pair is None
    question = _question(store)
    _answer(store, question, "draft", seed=1, generator="poem")
    draft = _answer(store, question, "another", seed=50, generator="poem")
    assert feedback.rate(draft.id, 1).pair is None
    question = _question(store)
    _answer(store, question, " \n", seed=1)
    assert feedback.rate(_answer(store, question, "text", seed=50).id, 1).pair is None


def test_a_correction_stands_beside_the_answer(store: Store, feedback: Feedback) -> None:
    """The corrected text is a sibling by no model, preferred to the answer; once more it is the same turn."""
    turn = _answer(store, _question(store), "wrnog", generator="poem")
    corrected = feedback.correct("last", "wrong\n")
    assert (corrected.turn.text, corrected.turn.parent, corrected.turn.model) == ("wrong", turn.parent, "")
    assert corrected.turn.generator == "poem"
    assert (corrected.pair.chosen, corrected.pair.rejected) == (corrected.turn.id, turn.id)
    assert feedback.correct(turn.id, "wrong") == corrected
    for text in ("", " \n", "wrnog\n"):
        with pytest.raises(UsageProblem):
            feedback.correct(turn.id, text)
    assert len(store.siblings(turn)) == 2
    assert feedback.rate(corrected.turn.id, 1).pair is None


def test_the_choice_of_a_duel_makes_a_pair(store: Store, feedback: Feedback) -> None:
    """The winner is preferred to the other; a tie prefers neither; a choice cannot be made twice."""
    question = _question(store)
    a, b = _answer(store, question, "a"), _answer(store, question, "b", seed=5)
    duel = store.feedback.start_duel(b.id, a.id)
    pair = feedback.decide(duel, "second")
    assert pair is not None
    assert (pair.chosen, pair.rejected, pair.origin) == (a.id, b.id, "duel")
    with pytest.raises(NoSuchDuel):
        feedback.decide(duel, "first")
    assert store.feedback.pairs() == [pair]
    assert feedback.decide(store.feedback.start_duel(a.id, b.id), "both-bad") is None
    assert [duel.outcome for duel in store.feedback.duels()] == ["second", "both-bad"]
    assert feedback.rate(b.id, 1).pair == pair
    feedback.undo(b.id)
    assert store.feedback.pairs() == [pair]


def test_signals_can_be_turned_off(store: Store, feedback: Feedback) -> None:
    """A signal is kept with its weight beside the votes, and not at all where the user does not want it."""
    turn = _answer(store, _question(store), "text")
    feedback.note(turn.id, "copied")
    feedback.note(turn.id, "copied")
    Feedback(store, signals=False).note(turn.id, "saved")
    assert [(signal.kind, signal.weight) for signal in store.feedback.signals(turn=turn.id)] == [("copied", 0.5)]
    assert store.feedback.rating(turn.id) is None
