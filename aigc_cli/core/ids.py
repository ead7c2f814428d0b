"""Sortable identifiers.

An id is a ULID (https://github.com/ulid/spec): 48 bits of milliseconds and 80 random bits in 26 characters of
Crockford's base 32, here in lower case, so that the order of ids is the order of creation. Ids of the same millisecond
are a random step apart, not one, so that their first 14 characters tell them from each other as well as any others.
"""

from __future__ import annotations

import os
import threading
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BYTES = 10
_RANDOM_BITS = 8 * _RANDOM_BYTES
_STEP_BYTES = 9
_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Return an id that is greater than every id this process made before."""
    global _last
    with _lock:
        value = time.time_ns() // 1_000_000 << _RANDOM_BITS | _random(_RANDOM_BYTES)
        if value >> _RANDOM_BITS <= _last >> _RANDOM_BITS:
            value = _last + 1 + _random(_STEP_BYTES)
        _last = value
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))


def _random(size: int) -> int:
    # As `secrets` does it, whose import takes longer than reading the history.
    return int.from_bytes(os.urandom(size), "big")
