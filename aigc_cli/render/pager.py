"""Long output, page by page."""

from __future__ import annotations

import io
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from rich.cells import cell_len
from rich.text import Text

from aigc_cli.render.terminal import Terminal

_DEFAULT = "less"
_SETTINGS = {"LESS": "FRX", "LV": "-c"}
"""What these pagers need to show colours, and leave what they showed on the screen, unless the user has set them."""


@contextmanager
def paged(terminal: Terminal, *, wanted: bool = True) -> Iterator[Terminal]:
    """Give a terminal whose text is shown through ``$PAGER`` at the end if it does not fit on the screen.

    Where nobody reads, or the terminal is too simple for a pager, it is the given terminal itself.
    """
    if not (wanted and terminal.cursor):
        yield terminal
        return
    columns, lines = terminal.size()
    size = {**terminal.environ, "COLUMNS": str(columns), "LINES": str(lines)}
    buffer = io.StringIO()
    yield replace(terminal, stream=buffer, environ=size)
    text = buffer.getvalue()
    if _fits(text, columns, lines) or not _page(terminal, text):
        terminal.stream.write(text)


def _fits(text: str, columns: int, lines: int) -> bool:
    rows = 1  # the line below the text, where the shell prompts
    for line in text.splitlines():
        rows += max(1, -(-cell_len(Text.from_ansi(line).plain) // columns))
        if rows > lines:
            return False
    return True


def _page(terminal: Terminal, text: str) -> bool:
    """Run the pager until the user leaves it; tells whether there is one."""
    try:
        command = shlex.split(terminal.environ.get("PAGER", _DEFAULT))
    except ValueError:  # a quote that is not closed
        return False
    if not command or command == ["cat"]:
        return False
    terminal.stream.flush()
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, env={**_SETTINGS, **terminal.environ})
    except OSError:
        return False
    ours = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the pager's, which started before this line
    try:
        pager.communicate(text.encode(terminal.stream.encoding or "utf-8", "replace"))
    finally:
        signal.signal(signal.SIGINT, ours)
    return True
