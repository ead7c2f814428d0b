"""What speaks for an adapter, and how sure it is."""

from __future__ import annotations

import random

import pytest

from aigc_cli.app import App
from aigc_cli.core.errors import NotProven
from aigc_cli.core.feedback import Outcome
from aigc_cli.core.tuning import Adapter
from aigc_cli.services.proof import prove
from aigc_cli.store import Store
from aigc_cli.tuning.proof import share_of


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Of a thousand evaluations about nineteen in twenty have the true share in their interval."""
    draw = random.Random(2)
    held = 0
    for _ in range(1000):
        found = share_of([float(draw.random() < 0.7) for _ in range(20)])
        held += found.low <= 0.7 <= found.high
    assert 930 <= held <= 990


def test_what_is_missing_is_told() -> None:
    """Few comparisons need more, many that agree need none, and no number settles what is even."""
    assert (share_of([1.0] * 8).missing, share_of([0.5] * 20).missing) == (0, None)
    close = share_of([1.0, 1.0, 0.0, 1.0, 0.0])
    assert close.missing is not None
    assert close.missing > 50


def _adapter(app: App) -> Adapter:
    adapter = Adapter("mine", "2026-01-01", "echo", "0" * 64, "sft", state="passed", gate={"checks": []})
    app.store.adapters.add(adapter)
    return adapter


def _duel(store: Store, first: str, second: str, outcome: Outcome) -> None:
    conversation = store.new_conversation()
    question = store.add_turn(conversation, None, "user", "?")
    turns = [store.add_turn(conversation, question.id, "assistant", name, adapter=name) for name in (first, second)]
    duel = store.feedback.start_duel(turns[0].id, turns[1].id)
    store.feedback.decide_duel(duel.id, outcome)


def test_duels_prove_an_adapter_and_nothing_less_lets_it_answer() -> None:
    """Blind choices count from whichever side, other duels do not; use waits for an interval above one half."""
    app = App()
    adapter = _adapter(app)
    with pytest.raises(NotProven, match="not compared"):
        app.adapters.use("mine", force=False)
    app.loader.load("echo")
    for number in range(6):
        _duel(app.store, "mine:1", "", "first")
        _duel(app.store, "", "mine:1", "second" if number else "first")
    _duel(app.store, "other:1", "", "second")
    _duel(app.store, "mine:1", "", "both-bad")
    proof = prove(app.store, app.loader.engine(), adapter, lambda notice: None).proof
    assert (proof["judge"], proof["comparisons"], proof["share"]) == ("you", 12, pytest.approx(11 / 12))
    assert app.adapters.use("mine:0.5", force=False).scale == 0.5
    for _ in range(8):
        _duel(app.store, "mine:1", "", "second")
    prove(app.store, app.loader.engine(), app.adapters.get("mine"), lambda notice: None)
    with pytest.raises(NotProven, match="no better"):
        app.adapters.use("mine", force=False)
    app.close()


def test_rolling_back_goes_through_what_was_in_use_and_deleting_leaves_nothing() -> None:
    """Each use is undone once, the last first; an adapter that is deleted is in use no more."""
    app = App()
    adapter = _adapter(app)
    other = Adapter("other", "2026-01-02", "echo", adapter.model_sha256, "import", state="imported")
    app.store.adapters.add(other)
    for name in ("mine", "other:0.5", "mine"):
        app.adapters.use(name, force=True)
    uses = app.store.adapters
    assert uses.roll_back(adapter.model_sha256)
    in_use = uses.in_use(adapter.model_sha256)
    assert (in_use and in_use.name, in_use and in_use.scale) == ("other", 0.5)
    app.adapters.delete("other")
    in_use = uses.in_use(adapter.model_sha256)
    assert in_use
    assert in_use.name == "mine"
    assert uses.roll_back(adapter.model_sha256)
    assert uses.in_use(adapter.model_sha256) is None
    assert not uses.roll_back(adapter.model_sha256)
    app.close()
