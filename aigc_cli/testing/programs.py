"""Running aigc in a test, as its users do."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pexpect
import pyte

from aigc_cli.app import App

AIGC = (sys.executable, "-m", "aigc_cli")
"""The command line that starts aigc."""

_POLL = 0.02  # seconds
_SCROLLBACK = 10_000  # lines


def echo_environ(home: Path, **more: str) -> dict[str, str]:
    """Return environment variables under which aigc keeps everything in ``home`` and answers with the question."""
    return {**os.environ, "AIGC_HOME": str(home), "AIGC_MODEL": "echo", "TERM": "xterm-256color", **more}


def echo_app(home: Path) -> App:
    """Return an app that keeps everything in ``home`` and answers with the question; close it after use."""
    return App(echo_environ(home))


class PtyScreen:
    """A program on a pseudo-terminal, and the screen that a person would see; a context that ends the program.

    Waiting for bytes does not work with programs that move the cursor, so `wait_for` looks at the screen.

    Args:
        args: The command line.
        env: The environment variables; those of this process if None.
        columns: Width.
        rows: Height.
    """

    def __init__(
        self, args: Sequence[str], *, env: Mapping[str, str] | None = None, columns: int = 80, rows: int = 24
    ) -> None:
        self._screen = pyte.HistoryScreen(columns, rows, history=_SCROLLBACK)
        self._stream = pyte.ByteStream(self._screen)
        environ = dict(os.environ if env is None else env)
        self.process = pexpect.spawn(args[0], list(args[1:]), env=environ, dimensions=(rows, columns), timeout=60)
        self._screen.write_process_input = self.process.send  # answers the question where the cursor is

    def __enter__(self) -> PtyScreen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.close(force=True)

    def send(self, keys: str) -> None:
        """Press keys."""
        self.process.send(keys)

    def paste(self, text: str) -> None:
        """Paste as a terminal with bracketed paste does."""
        lines = text.replace("\n", "\r")
        self.process.send(f"\x1b[200~{lines}\x1b[201~")

    def text(self) -> str:
        """Return the scrollback and the screen, without space at the ends of lines, as they are now."""
        self._read()
        scrolled = ["".join(line[i].data for i in range(self._screen.columns)) for line in self._screen.history.top]
        return "\n".join(line.rstrip() for line in [*scrolled, *self._screen.display]).rstrip()

    def wait_for(self, text: str, *, count: int = 1, seconds: float = 30.0) -> str:
        """Wait until ``text`` is seen ``count`` times; returns everything that is seen then.

        Raises:
            AssertionError: if it does not appear in time; it shows what is there instead.
        """
        return self.wait_until(lambda seen: seen.count(text) >= count, f"{text!r} does not appear", seconds)

    def wait_until(self, holds: Callable[[str], bool], otherwise: str, seconds: float = 30.0) -> str:
        """Wait until something holds for what is seen, which is returned.

        Raises:
            AssertionError: saying ``otherwise``, if it does not come to hold in time.
        """
        end = time.monotonic() + seconds
        while not holds(seen := self.text()):
            if time.monotonic() > end:
                raise AssertionError(f"{otherwise}; this is on the screen:\n{seen}")
            time.sleep(_POLL)
        return seen

    def wait_for_end(self, seconds: float = 30.0) -> int | None:
        """Wait until the program ends and return its exit code, None if a signal ended it."""
        end = time.monotonic() + seconds
        while self.process.isalive() and time.monotonic() < end:
            self._read()
            time.sleep(_POLL)
        self._read()
        self.process.close(force=True)
        code: int | None = self.process.exitstatus
        return code

    def _read(self) -> None:
        try:
            while data := self.process.read_nonblocking(1 << 16, timeout=0):
                self._stream.feed(data)
        except (pexpect.TIMEOUT, pexpect.EOF, ValueError):  # nothing more now, or ever
            return
