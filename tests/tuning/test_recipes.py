"""Which trainers votes call for, and what they are said to cost."""

from __future__ import annotations

import pytest

from aigc_cli.core.errors import TooFewVotes
from aigc_cli.core.tuning import Wanted
from aigc_cli.tuning.recipes import Data, estimate, stages


@pytest.mark.parametrize(
    ("data", "methods"),
    [
        (Data(20, 0, 0, 0, 20), ["sft"]),
        (Data(60, 39, 19, 60, 90), ["sft"]),
        (Data(60, 40, 0, 60, 90), ["sft", "kto"]),
        (Data(60, 40, 20, 60, 90), ["sft", "kto", "dpo"]),
        (Data(200, 5, 0, 200, 90), ["sft"]),
    ],
)
def test_votes_choose_the_trainers(data: Data, methods: list[str]) -> None:
    """Liked answers are imitated; enough votes of both kinds, and pairs, each add a stage."""
    assert [stage.method for stage in stages("auto", data)] == methods


@pytest.mark.parametrize("wanted", ["auto", "sft", "kto", "dpo", "reward", "grpo", "rloo"])
def test_too_few_votes_are_refused_with_their_number(wanted: Wanted) -> None:
    """No method trains on next to nothing, and the refusal counts."""
    with pytest.raises(TooFewVotes, match="9"):
        stages(wanted, Data(9, 9, 9, 9, 9))


def test_policies_begin_with_the_reward_they_are_optimized_against() -> None:
    """GRPO and RLOO learn the reward first, from votes that need not be on the same question."""
    assert [stage.method for stage in stages("rloo", Data(40, 40, 0, 40, 60))] == ["reward", "sft", "rloo"]


def test_costs_grow_with_the_work_and_follow_what_was_measured() -> None:
    """More steps take longer, a machine that was faster takes less, and weights have to fit into memory."""
    few, many = stages("sft", Data(20, 0, 0, 0, 20)), stages("sft", Data(200, 0, 0, 0, 200))
    guess = estimate(few, 80, 135_000_000, 49_152)
    assert estimate(many, 80, 135_000_000, 49_152).seconds > guess.seconds
    assert estimate(few, 80, 135_000_000, 49_152, rate=1e12).seconds < guess.seconds
    assert estimate(few, 80, 1_000_000_000, 49_152).memory > 4e9 > guess.memory
