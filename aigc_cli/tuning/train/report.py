"""What the training process says, and how it learns that it is to stop."""

from __future__ import annotations

import json
import os
import sys
import threading


class Stopped(Exception):
    """The job was stopped; its checkpoint is there."""


class Reporter:
    """Writes events to what was standard output; everything else that is printed goes to standard error.

    Attributes:
        stop: Set when standard input ends: the program that started this one wants it to stop, or is gone.
    """

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        self.stop = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def say(self, event: str, **facts: object) -> None:
        """Write one event; where nobody listens any more, stop."""
        try:
            self._out.write(json.dumps({"event": event, **facts}) + "\n")
            self._out.flush()
        except BrokenPipeError:
            self.stop.set()

    def _watch(self) -> None:
        while os.read(0, 1024):
            pass
        self.stop.set()
