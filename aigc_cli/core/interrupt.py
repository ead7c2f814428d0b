"""Ctrl+C while an answer is being written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts(cancel: threading.Event) -> Iterator[None]:
    """Let the first Ctrl+C set ``cancel``; the second one raises `KeyboardInterrupt` as usual."""

    def on_interrupt(signum: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def raises_interrupts() -> Iterator[None]:
    """Let Ctrl+C raise `KeyboardInterrupt`, as it does outside `interrupts`, while the user is asked something."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
