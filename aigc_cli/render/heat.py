"""A text coloured by how much each of its tokens surprised a model."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aigc_cli.core.events import TokenLogprob
from aigc_cli.render.filter import OutputFilter
from aigc_cli.render.terminal import Terminal

_SHADES = ((0.5, ""), (0.1, "\x1b[38;5;229m"), (0.02, "\x1b[38;5;215m"), (0.002, "\x1b[38;5;203m"))
_UNEXPECTED = "\x1b[1;38;5;197m"
_PLAIN = "\x1b[0m"


def shade(logprob: float) -> str:
    """Return the colour for a token of this log-probability; likely tokens have none."""
    probability = math.exp(logprob)
    return next((color for least, color in _SHADES if probability >= least), _UNEXPECTED)


def print_heat(terminal: Terminal, tokens: Sequence[TokenLogprob]) -> None:
    """Write the tokens one after another, the surprising ones in colour where the stream shows colours."""
    safe = OutputFilter()
    for token in tokens:
        text = safe.feed(token.text)
        color = shade(token.logprob) if terminal.color else ""
        terminal.stream.write(f"{color}{text}{_PLAIN}" if color and text else text)
    terminal.stream.write(safe.flush() + "\n")


def legend(terminal: Terminal) -> str:
    """Return what the colours mean, in colour; empty where the stream shows none."""
    if not terminal.color:
        return ""
    parts = [f"{color}≥ {least:.1%}{_PLAIN}" for least, color in _SHADES]
    return "  ".join([*parts, f"{_UNEXPECTED}< {_SHADES[-1][0]:.1%}{_PLAIN}"])
