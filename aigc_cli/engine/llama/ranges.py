"""GBNF for numbers between bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from aigc_cli.core.text import N_

_DIGITS = 15
_LARGEST = 10**_DIGITS - 1
_FRACTION = '("." [0-9]{1,15})?'


def integer(schema: Mapping[str, Any]) -> str:
    """Return an expression for the whole numbers within the bounds of a JSON Schema; empty if it has none.

    Raises:
        ValueError: if there are none, or a bound is not a number.
    """
    low, high = _limits(schema)
    if low is None and high is None:
        return ""
    least = -_LARGEST if low is None else math.floor(low[0]) + 1 if low[1] else math.ceil(low[0])
    most = _LARGEST if high is None else math.ceil(high[0]) - 1 if high[1] else math.floor(high[0])
    return _either(_whole(least, most))


def decimal(schema: Mapping[str, Any]) -> str:
    """Return an expression for numbers within the bounds of a JSON Schema; empty if it has none.

    It leaves out what lies between a bound and the next whole number inside, and exponents.

    Raises:
        ValueError: if it would leave out everything, or a bound is not a number.
    """
    low, high = _limits(schema)
    if low is None and high is None:
        return ""
    least = -_LARGEST if low is None else math.ceil(low[0])
    most = _LARGEST if high is None else math.floor(high[0])
    parts = []
    if most >= 0:  # every whole number below the last one, with any digits after it
        parts += [f"({part}) {_FRACTION}" for part in _magnitudes(max(0, least), most - 1)]
    if least < 0:
        parts += [f'"-" ({part}) {_FRACTION}' for part in _magnitudes(max(0, -most), -least - 1)]
    parts += [f"({part})" for part in _whole(most, most)] if least <= most else []
    parts += [f"({part})" for part in _whole(least, least)] if least < most else []
    if (low and low[1]) or (high and high[1]):
        return _exclusive(low, high, least, most)
    return _either(parts)


def _exclusive(low: tuple[float, bool] | None, high: tuple[float, bool] | None, least: int, most: int) -> str:
    """Return numbers strictly inside whole bounds: ``n.d`` with a last digit that is not 0 is never a bound."""
    inner = '"." [0-9]{0,14} [1-9]'
    parts = [f"({part}) {inner}" for part in _magnitudes(max(0, least), most - 1)] if most >= 0 else []
    parts += [f'"-" ({part}) {inner}' for part in _magnitudes(max(0, -most), -least - 1)] if least < 0 else []
    first = least + 1 if low and low[1] and low[0] == least else least
    last = most - 1 if high and high[1] and high[0] == most else most
    return _either([*parts, *_whole(first, last)])


def _limits(schema: Mapping[str, Any]) -> tuple[tuple[float, bool] | None, tuple[float, bool] | None]:
    """Return the lower and the upper bound, each with whether it is itself excluded."""
    found: dict[str, tuple[float, bool] | None] = {}
    for side, tighter in (("inimum", max), ("aximum", min)):
        bounds = []
        for keyword, excluded in ((f"m{side}", False), (f"exclusiveM{side}", True)):
            value = schema.get(keyword)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > _LARGEST:
                raise ValueError(N_("a bound is not a number that can be enforced"))
            bounds.append((value, excluded))
        values = [value for value, _ in bounds]
        limit = tighter(values) if values else None
        found[side] = None if limit is None else (limit, (limit, True) in bounds)
    return found["inimum"], found["aximum"]


def _whole(least: int, most: int) -> list[str]:
    parts = _magnitudes(max(0, least), most) if most >= 0 else []
    if least < 0:
        parts += [f'"-" ({part})' for part in _magnitudes(max(1, -most), -least)]
    return parts


def _magnitudes(least: int, most: int) -> list[str]:
    """Return patterns of digits that match the whole numbers from ``least`` to ``most``, both at least 0."""
    parts = []
    while least <= most:
        end = min(most, 10 ** len(str(least)) - 1)
        parts.append(_same_length(str(least), str(end)))
        least = end + 1
    return parts


def _same_length(low: str, high: str) -> str:
    if low == high:
        return f'"{low}"'
    if len(low) == 1:
        return f"[{low}-{high}]"
    rest = len(low) - 1
    if low[0] == high[0]:
        return f'"{low[0]}" ({_same_length(low[1:], high[1:])})'
    first, last = int(low[0]), int(high[0])
    parts = []
    if low[1:] != "0" * rest:
        parts.append(f'"{first}" ({_same_length(low[1:], "9" * rest)})')
        first += 1
    tail = ""
    if high[1:] != "9" * rest:
        tail = f'"{last}" ({_same_length("0" * rest, high[1:])})'
        last -= 1
    if first <= last:
        parts.append(f"[{first}-{last}] [0-9]{{{rest}}}")
    return " | ".join(filter(None, [*parts, tail]))


def _either(parts: list[str]) -> str:
    if not parts:
        raise ValueError(N_("no number that can be enforced lies between the bounds"))
    return "(" + " | ".join(parts) + ")"
