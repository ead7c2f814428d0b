"""Which questions are of the same kind."""

from __future__ import annotations

import pytest

from aigc_cli.feedback.nearest import direction, nearest, pack, unpack


def test_the_nearest_come_first_and_the_far_ones_not_at_all() -> None:
    """Similarity is that of directions once what is shared is taken away; vectors of another size are passed over."""
    known = [direction(vector, pack([0, 0, 1])) for vector in ([2, 0, 1], [0, 3, 1], [1, 1, 1])]
    found = nearest(direction([4, 1, 1], pack([0, 0, 1])), [*known, pack([1, 1])], limit=5, least=0.5)
    assert [place for place, _ in found] == [0, 2]
    assert found[0][1] == pytest.approx(4 / 17**0.5, abs=1e-3)
    assert nearest(pack([1, 1]), known, limit=5) == []


def test_a_vector_is_kept_well_enough() -> None:
    """Two bytes a number are precise to three digits."""
    assert unpack(pack([0.123456, -1.5])) == pytest.approx([0.123456, -1.5], rel=1e-3)
