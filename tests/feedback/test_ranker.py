"""Learning from votes which answers will be liked."""

from __future__ import annotations

import json
import random
from dataclasses import asdict

import pytest

from aigc_cli.feedback.ranker import FEWEST, Ranker, learn


def _votes(count: int, *, signal: float, seed: int = 1) -> tuple[list[list[float]], list[bool], list[str]]:
    """Return answers of 30 numbers, of which the first tells how the vote was, as clearly as ``signal`` says."""
    draw = random.Random(seed)
    liked = [draw.random() < 0.3 for _ in range(count)]
    states = [[signal * (1 if up else -1) + draw.gauss(0, 1), *(draw.gauss(0, 1) for _ in range(29))] for up in liked]
    return states, liked, [f"question {i // 2}" for i in range(count)]


def test_what_votes_tell_is_learned_and_measured_honestly() -> None:
    """On new answers it is as good as it says, and its probabilities are right on average."""
    ranker = learn(*_votes(200, signal=1.5))
    assert ranker is not None
    assert ranker.trusted
    assert ranker.low < ranker.accuracy < ranker.high
    states, liked, _ = _votes(2000, signal=1.5, seed=2)
    chances = [ranker.likes(one) for one in states]
    right = [(chance > 0.5) == up for chance, up in zip(chances, liked, strict=True)]
    assert sum(right) / len(right) > 0.8
    assert sum(chances) / len(chances) == pytest.approx(sum(liked) / len(liked), abs=0.06)


@pytest.mark.parametrize("seed", range(5))
def test_chance_is_not_trusted(seed: int) -> None:
    """Votes that have nothing to do with the answers give nothing to choose by, however many of one kind there are."""
    ranker = learn(*_votes(80, signal=0, seed=seed))
    assert ranker is not None
    assert not ranker.trusted


def test_too_few_votes_teach_nothing() -> None:
    """It takes ten of each kind, to several questions."""
    states, _, questions = _votes(2 * FEWEST, signal=2)
    assert learn(states, [True] * FEWEST + [False] * FEWEST, questions) is not None
    assert learn(states, [True] * (FEWEST + 1) + [False] * (FEWEST - 1), questions) is None
    assert learn(states, [True] * FEWEST + [False] * FEWEST, ["the same"] * 2 * FEWEST) is None


def test_a_ranker_survives_being_kept() -> None:
    """As JSON and back it is the same; anything else is refused."""
    ranker = learn(*_votes(60, signal=2))
    assert ranker is not None
    assert Ranker.of(json.loads(json.dumps(asdict(ranker)))) == ranker
    for bad in ({}, {**asdict(ranker), "weights": ["x"]}):
        with pytest.raises((KeyError, ValueError)):
            Ranker.of(bad)
