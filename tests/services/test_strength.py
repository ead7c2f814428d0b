"""The model of Bradley and Terry."""

from __future__ import annotations

import math
import random

import pytest

from aigc_cli.services.strength import Strength, strengths


def test_two_contenders_win_as_often_as_they_did() -> None:
    """With many duels the chance of one against the other is its share, ties being half a win."""
    results = [("a", "b", 1.0)] * 600 + [("b", "a", 1.0)] * 200 + [("a", "b", 0.5)] * 200
    a, b = strengths(results)
    assert (a.name, a.won, a.tied, a.lost) == ("a", 600, 200, 200)
    assert (b.won, b.tied, b.lost) == (200, 200, 600)
    difference = math.log(a.chance / (1 - a.chance)) - math.log(b.chance / (1 - b.chance))
    assert 1 / (1 + math.exp(-difference)) == pytest.approx(0.7, abs=0.001)
    assert a.low < a.chance < a.high


def test_one_who_never_lost_has_a_wide_interval() -> None:
    """Few duels prove nothing, and without any there is nobody to tell of."""
    winner, loser = strengths([("a", "b", 1.0)] * 2)
    assert winner.low < 0.5 < winner.high
    assert loser.name == "b"
    assert strengths([]) == []


def test_intervals_hold_the_truth_about_95_times_in_100() -> None:
    """Of 300 simulated tournaments of three with known strengths, 90 to 99 % have the truth in the interval."""
    chance = random.Random(5)
    truth = {"a": 0.8, "b": 0.0, "c": -0.8}

    def hit(found: Strength) -> bool:
        return found.low <= 1 / (1 + math.exp(-truth[found.name])) <= found.high

    hits = []
    for _ in range(300):
        results = []
        for _ in range(60):
            first, second = chance.sample(sorted(truth), 2)
            won = chance.random() < 1 / (1 + math.exp(truth[second] - truth[first]))
            results.append((first, second, 1.0 if won else 0.0))
        hits += [hit(found) for found in strengths(results)]
    assert 0.9 < sum(hits) / len(hits) < 0.99
