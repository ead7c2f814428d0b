"""Counting votes."""

from __future__ import annotations

import pytest

from aigc_cli.core.feedback import NEEDS, Needs, Tally
from aigc_cli.services.feedback_stats import PERIODS, Stats, Votes


def _stats(*days: str) -> Stats:
    tallies = [Tally("", "", "m", "", day, 1, 2) for day in days]
    return Stats(Votes(len(days), 2 * len(days)), {}, {}, {}, tallies, [])


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        ([], []),
        (["2026-11-24"], ["2026-11-24"]),
        (["2026-10-30", "2026-11-02"], ["2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02"]),
        (["2026-11-01", "2026-11-20"], ["2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16"]),
        (
            ["2025-12-31", "2026-03-01"],
            [f"2025-12-{day}" for day in (29,)]
            + [f"2026-{d}" for d in ("01-05", "01-12", "01-19", "01-26", "02-02", "02-09", "02-16", "02-23")],
        ),
        (
            ["2025-11-30", "2026-02-28", "2026-05-01"],
            [f"2025-{m}" for m in (11, 12)] + [f"2026-0{m}" for m in range(1, 6)],
        ),
    ],
)
def test_periods_are_days_weeks_or_months_without_gaps(days: list[str], labels: list[str]) -> None:
    """The plot has the finest division that fits, from the first vote to the last, every vote once."""
    stats = _stats(*days)
    periods = stats.over_time(stats.tallies)
    assert list(periods) == labels
    assert sum(votes.liked for votes in periods.values()) == len(days)


def test_a_long_time_shows_its_end() -> None:
    """Of more months than the plot has room for, the last ones are shown."""
    stats = _stats("2020-01-01", "2026-11-24")
    periods = stats.over_time(stats.tallies)
    assert len(periods) == PERIODS
    assert list(periods)[-1] == "2026-11"


def test_the_interval_is_that_of_wilson() -> None:
    """8 of 10 lie between 49 % and 94 % (Wilson's score, as R's prop.test without continuity correction gives it)."""
    assert Votes(8, 2).interval == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert Votes(0, 0).interval == (0.0, 1.0)


def test_a_step_says_what_is_missing() -> None:
    """Each kind of vote is counted for itself, and nothing is missing where there is enough."""
    assert NEEDS["kto"].missing(90, 5, 0) == Needs(disliked=15, votes=5)
    assert NEEDS["kto"].missing(80, 20, 0) == Needs()
    assert NEEDS["dpo"].missing(1000, 0, 10) == Needs(pairs=40)
