"""The statistics by which an adapter is let in or kept out."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from aigc_cli.core.message import Message
from aigc_cli.tuning.gate import Facts, Said, chance_of, judge, loops

_QUESTION = (Message("user", "Why is the sky blue?"),)
_GOOD = Said(_QUESTION, "Because air scatters blue light more than red light.", "stop", 1.0, on_topic=True)
_BASE = [_GOOD] * 24
_FACTS = Facts(
    perplexity=(10.0, 10.2),
    fidelity=0.06,
    liked=[1.0, 1.2, 1.4],
    raised=[(0.5 + 0.01 * n, True) for n in range(10)] + [(-0.5, False)] * 10,
)


def test_an_adapter_that_does_what_is_liked_passes() -> None:
    """Whole answers on the topic, hardly more surprising than before, liked ones raised: every test is passed."""
    verdict = judge(_BASE, [replace(_GOOD, surprise=1.2)] * 24, _FACTS)
    assert verdict.passed
    assert {check.reason for check in verdict.checks} == {""}


@pytest.mark.parametrize(
    ("name", "tuned", "facts"),
    [
        ("empty", [*_BASE[1:], replace(_GOOD, text="", surprise=None)], _FACTS),
        ("loops", [replace(_GOOD, text="and so on " * 20)] * 24, _FACTS),
        ("cut off", [replace(_GOOD, finish="length")] * 24, _FACTS),
        ("off topic", [replace(_GOOD, on_topic=False)] * 24, _FACTS),
        ("surprise", [replace(_GOOD, surprise=1.6)] * 24, _FACTS),
        ("neutral text", _BASE, replace(_FACTS, perplexity=(10.0, 10.6))),
        ("preference", _BASE, replace(_FACTS, raised=[(0.1, True), (0.2, False)] * 15)),
        ("preference", _BASE, replace(_FACTS, raised=[(0.1, True)] * 30)),
        ("conversion", _BASE, replace(_FACTS, fidelity=0.5)),
    ],
)
def test_each_way_to_go_wrong_is_refused_by_its_test_alone(name: str, tuned: list[Said], facts: Facts) -> None:
    """One flaw fails one test, whose reason is a sentence; votes all of one kind prove nothing."""
    failed = [check for check in judge(_BASE, tuned, facts).checks if not check.passed]
    assert [check.name for check in failed] == [name]
    assert failed[0].reason


def test_what_the_model_does_by_chance_is_allowed() -> None:
    """Limits follow the model itself: one that is often cut off may be so with an adapter, and a little more."""
    base = [replace(_GOOD, finish="length")] * 12 + _BASE[:12]
    assert judge(base, base, _FACTS).passed
    assert judge(_BASE, [*_BASE[1:], replace(_GOOD, on_topic=False)], _FACTS).passed


def test_loops_are_found_in_both_kinds_of_writing() -> None:
    """Words and Chinese characters that go in circles are a loop; a list of different things is none."""
    assert loops("1. 1. 1. 1. " * 10)
    assert loops("春天来了，春天来了，" * 10)
    assert not loops("\n".join(f"- the {word} is what the {word} was" for word in ("sun", "sea", "wind", "rain")))
    assert not loops("春天来了，万物复苏，小草从地里钻出来，花儿也开了，孩子们在田野里奔跑，放着各式各样的风筝。")


def test_votes_at_random_are_put_down_to_chance_and_clear_ones_are_not() -> None:
    """Of unseen votes at random about one set in twenty seems to mean something; opinions do with six votes."""
    draw = random.Random(1)
    noise = [[(draw.random(), draw.random() < 0.5) for _ in range(30)] for _ in range(400)]
    fooled = sum(chance_of(votes)[1] <= 0.05 for votes in noise) / len(noise)
    assert fooled < 0.08
    share, chance = chance_of([(1.0, True), (0.9, True), (0.8, True), (0.3, False), (0.2, False), (0.1, False)])
    assert (share, chance < 0.05) == (1.0, True)
    assert chance_of([(1.0, True)]) == (None, 1.0)
