"""The keyboard between two prompts, while an answer is being written or a command works."""

from __future__ import annotations

import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_INPUT_FLAGS, _LOCAL_FLAGS = 0, 3
_SHOWN = termios.ECHO | termios.ICANON


@contextmanager
def held() -> Iterator[None]:
    """Keep what is typed for the next prompt, instead of showing it in the middle of something else.

    Ctrl+C still works; it does not throw away what is on its way from or to the terminal.
    """

    def hold(flags: list[Any]) -> None:
        flags[_INPUT_FLAGS] &= ~termios.ICRNL
        flags[_LOCAL_FLAGS] = flags[_LOCAL_FLAGS] & ~_SHOWN | termios.NOFLSH

    with _changed(hold):
        yield


@contextmanager
def released() -> Iterator[None]:
    """Let another program read what is typed, as programs expect it."""

    def release(flags: list[Any]) -> None:
        flags[_INPUT_FLAGS] |= termios.ICRNL
        flags[_LOCAL_FLAGS] = (flags[_LOCAL_FLAGS] | _SHOWN) & ~termios.NOFLSH

    with _changed(release):
        yield


@contextmanager
def _changed(change: Callable[[list[Any]], None]) -> Iterator[None]:
    try:
        keyboard = sys.stdin.fileno()
        before = termios.tcgetattr(keyboard)
    except (termios.error, ValueError, OSError):  # not a terminal
        yield
        return
    after = [*before]
    change(after)
    termios.tcsetattr(keyboard, termios.TCSANOW, after)
    try:
        yield
    finally:
        termios.tcsetattr(keyboard, termios.TCSANOW, before)
