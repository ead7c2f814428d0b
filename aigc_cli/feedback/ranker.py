"""Which of several answers the user will like, from a model's own hidden states and the user's votes.

Logistic regression (scikit-learn) on standardized states; its scores are turned into probabilities by a second one on
scores that were found without the answer itself (Platt 1999). How good it is, is measured in the same way: every answer
is judged by a model that saw no answer to the same question.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from aigc_cli.core.errors import MissingExtra
from aigc_cli.core.feedback import NEEDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST = NEEDS["ranker"].liked
"""Answers that were liked, and as many that were disliked, without which nothing is learned."""

_PARTS = 5  # of the cross-validation
_STRENGTH = 0.01  # inverse of the L2 penalty: there are many more numbers than votes
_SURE = 1.96  # standard errors: the 95 % interval


@dataclass(frozen=True, slots=True)
class Ranker:
    """A linear judge of answers, and how good it is.

    Attributes:
        weights: One for each number of an answer's states.
        bias: Is added to their sum; above 0 the answer is more likely to be liked than not.
        liked: How many liked answers it learned from.
        disliked: How many disliked ones.
        accuracy: The share that it judged rightly without having seen them, liked and disliked counting half each, so
            that chance is 0.5.
        low: The lower end of the 95 % interval of ``accuracy``.
        high: The upper end.
        error: The mean square of how far its probabilities were off (Brier score); 0.25 is knowing nothing.
    """

    weights: tuple[float, ...]
    bias: float
    liked: int
    disliked: int
    accuracy: float
    low: float
    high: float
    error: float

    @property
    def trusted(self) -> bool:
        """Whether it is better than chance with confidence."""
        return self.low > 0.5

    def likes(self, states: Sequence[float]) -> float:
        """Return the probability that the user likes an answer with these states."""
        score = self.bias + math.fsum(weight * state for weight, state in zip(self.weights, states, strict=True))
        return 1 / (1 + math.exp(-max(-700.0, min(700.0, score))))

    @staticmethod
    def of(data: Mapping[str, Any]) -> Ranker:
        """Return the ranker whose fields these are.

        Raises:
            KeyError, TypeError, ValueError: if they are not.
        """
        kinds: dict[str, Callable[[Any], Any]] = {
            "weights": lambda value: tuple(map(float, value)),
            "liked": int,
            "disliked": int,
        }
        return Ranker(**{field.name: kinds.get(field.name, float)(data[field.name]) for field in fields(Ranker)})


def learn(states: Sequence[Sequence[float]], liked: Sequence[bool], questions: Sequence[str]) -> Ranker | None:
    """Return a ranker; None if there are too few votes of one kind, or too few questions.

    Args:
        states: Of each answer.
        liked: The vote on each answer.
        questions: What each answers; answers to the same question are judged together.

    Raises:
        MissingExtra: if scikit-learn is not installed.
    """
    import numpy as np

    ups = sum(liked)
    if min(ups, len(liked) - ups) < FEWEST or len(set(questions)) < _PARTS:
        return None
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise MissingExtra(package="scikit-learn", extra="learn") from error
    x, y = np.asarray(states, dtype=np.float64), np.asarray(liked, dtype=bool)
    judge = make_pipeline(
        StandardScaler(), LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=1000, random_state=0)
    )
    parts = StratifiedGroupKFold(_PARTS, shuffle=True, random_state=0)
    scores = cross_val_predict(judge, x, y, groups=np.asarray(questions), cv=parts, method="decision_function")
    platt = LogisticRegression(random_state=0).fit(scores.reshape(-1, 1), y)
    slope, shift = max(0.0, float(platt.coef_[0, 0])), float(platt.intercept_[0])
    judge.fit(x, y)
    scaler, linear = judge[0], judge[1]
    weights = linear.coef_[0] / scaler.scale_
    bias = float(linear.intercept_[0] - weights @ scaler.mean_)
    accuracy, low, high = _accuracy(scores > 0, y)
    return Ranker(
        weights=tuple(map(float, slope * weights)),
        bias=slope * bias + shift,
        liked=ups,
        disliked=len(liked) - ups,
        accuracy=accuracy,
        low=low,
        high=high,
        error=float(np.mean((1 / (1 + np.exp(-(slope * scores + shift))) - y) ** 2)),
    )


def _accuracy(judged: NDArray[np.bool_], votes: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Return the mean of the shares of liked and of disliked answers judged rightly, and its 95 % interval.

    Two right and two wrong ones are added to each share for the interval (Agresti and Coull 1998), which keeps it
    honest where there are few votes.
    """
    rates, variance, middle = [], 0.0, 0.0
    for vote in (True, False):
        right, count = int((judged[votes == vote] == vote).sum()), int((votes == vote).sum())
        rates.append(right / count)
        share = (right + 2) / (count + 4)
        middle += share / 2
        variance += share * (1 - share) / (count + 4) / 4
    reach = _SURE * math.sqrt(variance)
    return sum(rates) / 2, middle - reach, min(1.0, middle + reach)
