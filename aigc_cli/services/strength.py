"""How strong contenders are who met in duels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_PRIOR = 0.1
"""Precision of the normal prior of a strength: keeps one who never lost finite, and is worth less than one duel."""

_STEPS = 50
_CLOSE = 1e-10
_Z = 1.96  # of a normal distribution, 95 % is within so many standard deviations


@dataclass(frozen=True, slots=True)
class Strength:
    """What duels say of one contender.

    Attributes:
        won: Duels, of which ``tied`` more went to nobody and ``lost`` to the other.
        chance: To win against the average contender.
        low: Lower end of the interval in which the chance lies with 95 % confidence.
        high: Its upper end.
    """

    name: str
    won: int
    tied: int
    lost: int
    chance: float
    low: float
    high: float


def strengths(results: Iterable[tuple[str, str, float]]) -> list[Strength]:
    """Fit the model of Bradley and Terry (1952, Biometrika 39:324-345) and return the strongest first.

    The probability that one wins against another is the logistic function of the difference of their strengths; a tie
    is half a win for either. The strengths are those of the highest posterior density under a wide normal prior; their
    intervals come from the observed Fisher information there.

    Args:
        results: Two names and what the first one got of it: 1, 0.5 or 0. A name does not meet itself.
    """
    import numpy as np

    results = list(results)
    if not results:
        return []
    names = sorted({name for first, second, _ in results for name in (first, second)})
    at = {name: index for index, name in enumerate(names)}
    got = np.zeros((len(names), len(names)))
    for first, second, points in results:
        got[at[first], at[second]] += points
        got[at[second], at[first]] += 1 - points
    met = got + got.T
    strength = np.zeros(len(names))
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
        gradient = (got - met * chance).sum(axis=1) - _PRIOR * strength
        spread = met * chance * (1 - chance)
        information = np.diag(spread.sum(axis=1) + _PRIOR) - spread
        step = np.linalg.solve(information, gradient)
        strength += step
        if np.abs(step).max() < _CLOSE:
            break
    # Only differences mean anything: what is told is the difference to the mean.
    to_mean = np.eye(len(names)) - 1 / len(names)
    deviation = np.sqrt(np.diag(to_mean @ np.linalg.inv(information) @ to_mean))
    middle = to_mean @ strength
    found = [
        Strength(
            name,
            *_record(name, results),
            _logistic(middle[at[name]]),
            _logistic(middle[at[name]] - _Z * deviation[at[name]]),
            _logistic(middle[at[name]] + _Z * deviation[at[name]]),
        )
        for name in names
    ]
    return sorted(found, key=lambda one: (-one.chance, one.name))


def _record(name: str, results: list[tuple[str, str, float]]) -> tuple[int, int, int]:
    points = [points if name == first else 1 - points for first, second, points in results if name in (first, second)]
    return points.count(1), points.count(0.5), points.count(0)


def _logistic(strength: float) -> float:
    return 1 / (1 + math.exp(-strength))
