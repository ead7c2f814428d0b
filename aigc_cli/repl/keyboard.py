"""The keyboard while an answer is being written."""

from __future__ import annotations

import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

_INPUT_FLAGS, _LOCAL_FLAGS = 0, 3


@contextmanager
def held() -> Iterator[None]:
    """Keep what is typed for the next prompt, instead of showing it in the middle of the answer.

    Ctrl+C still works; it does not throw away what is on its way from or to the terminal.
    """
    try:
        before = termios.tcgetattr(sys.stdin.fileno())
    except (termios.error, ValueError, OSError):  # not a terminal
        yield
        return
    changed = [*before]
    changed[_INPUT_FLAGS] &= ~termios.ICRNL
    changed[_LOCAL_FLAGS] &= ~(termios.ECHO | termios.ICANON)
    changed[_LOCAL_FLAGS] |= termios.NOFLSH
    termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, changed)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, before)
