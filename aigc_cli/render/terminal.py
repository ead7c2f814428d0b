"""The one place that decides what a stream can show.

stdin, stdout and stderr are judged one by one: ``aigc "hi" > file`` still shows progress on stderr.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TextIO

ColorChoice = Literal["auto", "always", "never"]
_FALLBACK_SIZE = (80, 24)
_FEWEST_COLUMNS = 10


@dataclass(frozen=True, slots=True)
class Terminal:
    """An output stream and what it can show.

    Attributes:
        stream: Where to write.
        is_tty: Whether a person may be reading.
        cursor: Whether the cursor can be moved and lines drawn again.
        color: Whether colours are shown; bold and the like are not colours.
        unicode: Whether every character can be encoded.
        environ: Where COLUMNS and LINES are looked up if the stream does not know its size.
    """

    stream: TextIO
    is_tty: bool
    cursor: bool
    color: bool
    unicode: bool
    environ: Mapping[str, str]

    @property
    def styled(self) -> bool:
        """Whether text may be bold or dim: on a terminal that is not dumb, and wherever colours are asked for."""
        return self.cursor or self.color

    def size(self) -> tuple[int, int]:
        """Return columns and lines as they are now; a person may resize the window at any time."""
        columns = lines = 0
        if self.is_tty:
            with contextlib.suppress(OSError, ValueError):  # a stream without a descriptor, or a closed one
                columns, lines = os.get_terminal_size(self.stream.fileno())
        columns = columns or _positive(self.environ.get("COLUMNS")) or _FALLBACK_SIZE[0]
        lines = lines or _positive(self.environ.get("LINES")) or _FALLBACK_SIZE[1]
        return max(columns, _FEWEST_COLUMNS), max(lines, 2)


def inspect(stream: TextIO, *, color: ColorChoice = "auto", environ: Mapping[str, str] = os.environ) -> Terminal:
    """Return what ``stream`` can show, and make it replace characters it cannot encode instead of failing.

    Colours follow ``color``, then NO_COLOR (https://no-color.org), then FORCE_COLOR (https://force-color.org), both of
    which count when they are not empty, then whether the stream is a terminal that is not dumb.
    """
    if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
        stream.reconfigure(errors="replace")
    is_tty = _is_tty(stream)
    cursor = is_tty and environ.get("TERM", "") != "dumb"
    return Terminal(
        stream=stream,
        is_tty=is_tty,
        cursor=cursor,
        color=_wants_color(color, cursor, environ),
        unicode=(stream.encoding or "utf-8").lower().replace("_", "-").startswith(("utf", "gb18030", "cp65001")),
        environ=environ,
    )


def _is_tty(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # it is closed
        return False


def _wants_color(choice: ColorChoice, capable: bool, environ: Mapping[str, str]) -> bool:
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    return bool(environ.get("FORCE_COLOR")) or capable


def _positive(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
