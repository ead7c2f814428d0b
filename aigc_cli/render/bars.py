"""Small plots of votes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from aigc_cli.render.filter import one_line
from aigc_cli.render.terminal import Terminal

_BLOCKS = "▁▂▃▄▅▆▇█"
_LEVELS = "_.-=+*%#"
_LONGEST = 40
_GREEN, _RED, _PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[0m"


def spark(terminal: Terminal, shares: Sequence[float | None]) -> str:
    """Return a character for each share from 0 to 1, higher for more; a space for None."""
    levels = _BLOCKS if terminal.unicode else _LEVELS
    return "".join(" " if share is None else levels[min(int(share * len(levels)), len(levels) - 1)] for share in shares)


def print_bars(terminal: Terminal, bars: Mapping[str, tuple[int, int]]) -> None:
    """Write a line for each name with two numbers, and bars of these lengths beside each other; shorter if need be."""
    names = [one_line(name) for name in bars]
    left = max(map(cell_len, names), default=0)
    most = max((sum(pair) for pair in bars.values()), default=0)
    digits = len(str(most))
    room = max(min(_LONGEST, terminal.size()[0] - left - 2 * digits - 7), 1)
    full, light = ("█", "░") if terminal.unicode else ("#", ".")
    for name, (up, down) in zip(names, bars.values(), strict=True):
        length = math.ceil((up + down) * min(room / max(most, 1), 1))
        ups = round(length * up / (up + down)) if up + down else 0
        bar = _colored(terminal, full * ups, _GREEN) + _colored(terminal, light * (length - ups), _RED)
        numbers = f"+{up:<{digits}} -{down:<{digits}}"
        terminal.stream.write(f"{set_cell_size(name, left)}  {numbers}  {bar}".rstrip() + "\n")


def _colored(terminal: Terminal, text: str, color: str) -> str:
    return f"{color}{text}{_PLAIN}" if terminal.color and text else text
