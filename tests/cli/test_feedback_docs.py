"""What the page about votes says is so."""

from __future__ import annotations

from prose import ROOT

from aigc_cli.core.feedback import NEEDS, REASONS, SIGNAL_WEIGHTS

PAGE = (ROOT / "docs" / "feedback.md").read_text(encoding="utf-8")


def test_reasons_weights_and_needs_are_documented() -> None:
    """Every common reason, the weight of every signal, and what every step needs."""
    assert [reason for reason in REASONS if f"`{reason}`" not in PAGE] == []
    assert [weight for weight in SIGNAL_WEIGHTS.values() if f"({weight})" not in PAGE] == []
    for name, needs in NEEDS.items():
        (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}`:")]
        numbers = [needs.votes, needs.liked] if needs.votes else [needs.liked, needs.disliked, needs.pairs]
        assert [number for number in numbers if number and f"{number} " not in row] == []
