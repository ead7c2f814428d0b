"""Ids."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from aigc_cli.core.ids import new_id


def test_ids_sort_in_the_order_in_which_they_were_made() -> None:
    """Ten thousand ids made in a row are unique and already sorted."""
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))


def test_ids_made_by_several_threads_are_unique() -> None:
    """Threads never get the same id."""
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: new_id(), range(4_000)))
    assert len(set(ids)) == len(ids)


def test_an_id_has_26_characters_that_can_be_typed() -> None:
    """An id is a ULID in lower case, without the letters that look like digits."""
    assert set(new_id()) <= set("0123456789abcdefghjkmnpqrstvwxyz")
    assert len(new_id()) == 26
