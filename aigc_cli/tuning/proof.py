"""How often an adapter is preferred to the model alone, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

_SURE = 1.96  # standard errors: 95 %
_FEWEST_DUELS = 10

Judge = Literal["you", "votes"]


@dataclass(frozen=True, slots=True)
class Share:
    """The share of comparisons that were won, ties counting half, with its 95 % interval.

    The interval is Wilson's (https://doi.org/10.1080/01621459.1927.10502953) over questions: each is one comparison, so
    that questions of one conversation do not count as many.
    """

    share: float
    low: float
    high: float
    comparisons: int

    @property
    def missing(self) -> int | None:
        """How many more comparisons would settle it, if the share stays; None if none would, 0 if it is settled."""
        if self.low > 0.5 or self.high < 0.5:
            return 0
        distance = abs(self.share - 0.5)
        return max(1, math.ceil((_SURE / 2 / distance) ** 2) - self.comparisons) if distance > 0.01 else None


def share_of(points: Sequence[float]) -> Share:
    """Return the share of comparisons, each 1 for won, 0 for lost and 0.5 for neither."""
    count = len(points)
    if not count:
        return Share(0.5, 0.0, 1.0, 0)
    won = sum(points) / count
    weight = _SURE**2 / count
    middle = (won + weight / 2) / (1 + weight)
    reach = _SURE * math.sqrt(won * (1 - won) / count + weight / count / 4) / (1 + weight)
    return Share(won, max(0.0, middle - reach), min(1.0, middle + reach), count)


@dataclass(frozen=True, slots=True)
class Proof:
    """What speaks for an adapter: the user's own blind duels if there are ten, else a judge that learned from votes.

    Attributes:
        duels: Of the user.
        judged: By the judge; None where the votes are not enough to make one that can be trusted.
        trust: How often the judge is right on votes that it has not seen, at least, with 95 % confidence.
    """

    duels: Share
    judged: Share | None
    trust: float | None

    @property
    def decisive(self) -> Share | None:
        """What counts; None if nothing does."""
        return self.duels if self.duels.comparisons >= _FEWEST_DUELS else self.judged

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        told = self.decisive or self.duels
        judge: Judge = "votes" if told is self.judged else "you"
        return {
            **asdict(told),
            "judge": judge,
            "missing": told.missing,
            "duels": asdict(self.duels),
            "judged": asdict(self.judged) if self.judged else None,
            "trust": self.trust,
        }
