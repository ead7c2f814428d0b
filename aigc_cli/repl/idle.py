"""Work for the time in which the user does nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

IDLE = 3.0  # seconds without a key


class Idle:
    """Does something in the background of a prompt once the user has been quiet, and gives way at the next key.

    Args:
        work: Is given an event that is set as soon as it has to stop, and then has to return soon. It is called again
            after the next quiet time unless it came to its end.
    """

    def __init__(self, work: Callable[[threading.Event], None]) -> None:
        self._work = work
        self._disturbed = threading.Event()
        self._over = threading.Event()

    def disturb(self) -> None:
        """Note that the user does something."""
        self._disturbed.set()

    @contextmanager
    def meanwhile(self) -> Iterator[None]:
        """Wait for quiet times during the block; after it nothing is at work any more."""
        self._over.clear()
        thread = threading.Thread(target=self._wait, name="idle", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._disturbed.set()
            thread.join()

    def _wait(self) -> None:
        while True:
            self._disturbed.clear()
            if self._over.is_set():
                return
            if self._disturbed.wait(IDLE):
                continue
            self._work(self._disturbed)
            if not self._disturbed.is_set():
                return
