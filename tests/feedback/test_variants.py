"""Trying variants by votes."""

from __future__ import annotations

import math
import random
from statistics import mean

import pytest

from aigc_cli.feedback.variants import Votes, chances, choose, expected, interval

RATES = {"a": 0.45, "b": 0.6, "c": 0.75}


def _regret(rounds: int, seed: int) -> float:
    """Return how many likes are lost against always using the best, in expectation."""
    chance = random.Random(seed)
    votes: dict[str, Votes] = dict.fromkeys(RATES, (0, 0))
    lost = 0.0
    for _ in range(rounds):
        name = choose(votes, chance)
        up, down = votes[name]
        liked = chance.random() < RATES[name]
        votes[name] = (up + liked, down + (not liked))
        lost += max(RATES.values()) - RATES[name]
    return lost


def test_regret_grows_with_the_logarithm_of_the_votes() -> None:
    """With three variants of known rates the regret is of the order of the bound of Lai and Robbins (1985).

    The bound is the sum over the worse variants of gap / KL(rate, best rate), times log T. Kaufmann et al. (2012) prove
    that Thompson sampling reaches it; choosing evenly loses 0.15 likes a vote, 300 in 2,000.
    """
    best = max(RATES.values())
    bound = sum(
        (best - rate) / (rate * math.log(rate / best) + (1 - rate) * math.log((1 - rate) / (1 - best)))
        for rate in RATES.values()
        if rate < best
    )
    for rounds in (500, 2000):
        assert mean(_regret(rounds, seed) for seed in range(30)) < 2 * bound * math.log(rounds)
    late = mean(_regret(2000, seed) - _regret(1000, seed) for seed in range(30))
    early = mean(_regret(1000, seed) for seed in range(30))
    assert late < early / 2


@pytest.mark.parametrize("votes", [(0, 0), (1, 0), (7, 3), (0, 12), (300, 100), (9000, 1500)])
def test_intervals_are_those_of_the_beta_distribution(votes: Votes) -> None:
    """They agree with scipy, also where they are approximated."""
    from scipy.stats import beta

    exact = beta(1 + votes[0], 1 + votes[1])
    assert interval(votes) == pytest.approx(exact.interval(0.95), abs=2e-4)
    assert expected(votes) == pytest.approx(exact.mean())


def test_the_chance_to_be_the_best_adds_up() -> None:
    """It is even for what is the same, the same each time, and nearly one for what is clearly better."""
    even = chances({"a": (3, 3), "b": (3, 3)})
    assert sum(even.values()) == pytest.approx(1)
    assert even["a"] == pytest.approx(0.5, abs=0.03)
    assert even == chances({"a": (3, 3), "b": (3, 3)})
    assert chances({"a": (30, 3), "b": (3, 30)})["a"] > 0.99
