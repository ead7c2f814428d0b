"""Trying the variants of a template by the votes on them: Thompson sampling (1933).

The share of likes that a variant would get in the long run is unknown; given u likes and d dislikes its distribution is
Beta(1 + u, 1 + d), if nothing was known before. Of the shares drawn at random from these the greatest decides which
variant to use: the better one looks the more often it is used, and one that little is known of is still tried.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from statistics import NormalDist

Votes = tuple[int, int]
"""Likes and dislikes."""

_EXACT = 2000  # votes up to which an interval is computed exactly
_DRAWS = 4000


def choose(votes: Mapping[str, Votes], chance: random.Random) -> str:
    """Return the variant to use, by name."""
    return max(votes, key=lambda name: chance.betavariate(1 + votes[name][0], 1 + votes[name][1]))


def expected(votes: Votes) -> float:
    """Return the mean of the share of likes in the long run."""
    return (1 + votes[0]) / (2 + votes[0] + votes[1])


def interval(votes: Votes, level: float = 0.95) -> tuple[float, float]:
    """Return the interval in which the share of likes lies with this probability, with as much on each side of it."""
    return _quantile(votes, (1 - level) / 2), _quantile(votes, (1 + level) / 2)


def chances(votes: Mapping[str, Votes]) -> dict[str, float]:
    """Return how probable it is for each variant that none is better; by drawing, the same each time."""
    chance = random.Random(0)  # noqa: S311 - no secret
    won = dict.fromkeys(votes, 0)
    for _ in range(_DRAWS):
        won[choose(votes, chance)] += 1
    return {name: count / _DRAWS for name, count in won.items()}


def _quantile(votes: Votes, probability: float) -> float:
    a, b = 1 + votes[0], 1 + votes[1]
    if a + b > _EXACT:
        mean = a / (a + b)
        return NormalDist(mean, math.sqrt(mean * (1 - mean) / (a + b + 1))).inv_cdf(probability)
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if _cumulated(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _cumulated(x: float, a: int, b: int) -> float:
    """Return how much of Beta(a, b) is below x: the chance of a or more successes in a + b - 1 trials."""
    n = a + b - 1
    log, other = math.log(x), math.log1p(-x)
    whole = math.lgamma(n + 1)
    return math.fsum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * log + (n - k) * other)
        for k in range(a, n + 1)
    )
