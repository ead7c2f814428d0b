"""What all the votes together say, and what can be learned from that many."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from aigc_cli.core.feedback import NEEDS, Needs, Tally

if TYPE_CHECKING:
    from aigc_cli.store import Store

FACETS = ("generator", "template", "model", "adapter")
PERIODS = 12
"""How many days, weeks or months a plot shows at most."""

_Z = 1.96  # of a normal distribution, 95 % is within so many standard deviations


@dataclass(frozen=True, slots=True)
class Votes:
    """Thumbs-up and thumbs-down."""

    liked: int
    disliked: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.liked + self.disliked

    @property
    def share(self) -> float:
        """Part of the votes that are thumbs-up; 0 without any."""
        return self.liked / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the share lies with a confidence of 95 %, by Wilson's score (1927, JASA 22:209-212)."""
        n, p = self.total, self.share
        if not n:
            return 0.0, 1.0
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        spread = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + (_Z / (2 * n)) ** 2)
        return max(middle - spread, 0.0), min(middle + spread, 1.0)


@dataclass(frozen=True, slots=True)
class Step:
    """A way to learn, and how much of what it needs is missing."""

    name: str
    missing: Needs

    @property
    def ready(self) -> bool:
        """Whether there is enough to learn from."""
        return self.missing == Needs()


@dataclass(frozen=True)
class Stats:
    """Everything the user has said, counted.

    Attributes:
        pairs: By origin.
        signals: By kind.
        duels: By outcome.
        tallies: The votes in detail.
        steps: What can be learned, what needs least first.
    """

    votes: Votes
    pairs: Mapping[str, int]
    signals: Mapping[str, int]
    duels: Mapping[str, int]
    tallies: Sequence[Tally]
    steps: Sequence[Step]

    def by(self, facet: str) -> dict[str, list[Tally]]:
        """Return the tallies by one of `FACETS`, the name with the most votes first; "" is none."""
        found: dict[str, list[Tally]] = {}
        for tally in self.tallies:
            found.setdefault(getattr(tally, facet), []).append(tally)
        return dict(sorted(found.items(), key=lambda item: -add_up(item[1]).total))

    def over_time(self, tallies: Sequence[Tally]) -> dict[str, Votes]:
        """Return the votes by day, week or month, whichever needs no more than `PERIODS`, without gaps; the last ones.

        Args:
            tallies: Some of these.
        """
        periods, period_of = self._calendar
        parts: dict[str, list[Tally]] = {period: [] for period in periods}
        for tally in tallies:
            if tally.day in period_of:
                parts[period_of[tally.day]].append(tally)
        return {period: add_up(part) for period, part in parts.items()}

    @cached_property
    def _calendar(self) -> tuple[list[str], dict[str, str]]:
        """The periods to show, and for each day in them its period."""
        days = {tally.day: date.fromisoformat(tally.day) for tally in self.tallies}
        for name, following in _CALENDARS:
            period_of = {text: name(day) for text, day in days.items()}
            periods = _filled(set(period_of.values()), following)
            if len(periods) <= PERIODS:
                break
        shown = periods[-PERIODS:]
        return shown, {day: period for day, period in period_of.items() if period in shown}


def summarize(store: Store) -> Stats:
    """Count everything in a history."""
    feedback = store.feedback
    tallies, pairs = feedback.tallies(), feedback.pair_counts()
    votes = add_up(tallies)
    have = (votes.liked, votes.disliked, sum(pairs.values()))
    return Stats(
        votes=votes,
        pairs=pairs,
        signals=feedback.signal_counts(),
        duels=feedback.duel_counts(),
        tallies=tallies,
        steps=[Step(name, needs.missing(*have)) for name, needs in NEEDS.items()],
    )


def add_up(tallies: Sequence[Tally]) -> Votes:
    """Return the votes of all tallies together."""
    return Votes(sum(tally.liked for tally in tallies), sum(tally.disliked for tally in tallies))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


_CALENDARS: tuple[tuple[Callable[[date], str], Callable[[date], date]], ...] = (
    (lambda day: day.isoformat(), lambda day: day + timedelta(days=1)),
    (lambda day: _monday(day).isoformat(), lambda day: day + timedelta(weeks=1)),
    (lambda day: f"{day:%Y-%m}", lambda day: (day.replace(day=1) + timedelta(days=32)).replace(day=1)),
)
"""For days, weeks and months: the name of the one that a day belongs to, and a day of the next one."""


def _filled(labels: set[str], following: Callable[[date], date]) -> list[str]:
    """Return the labels in order with those between them."""
    if not labels:
        return []
    first, last = min(labels), max(labels)
    found = []
    day = date.fromisoformat(f"{first}-01"[:10])
    while (label := day.isoformat()[: len(first)]) <= last:
        found.append(label)
        day = following(day)
    return found
