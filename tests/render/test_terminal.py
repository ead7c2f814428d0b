"""What a stream can show."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import termios
from collections.abc import Iterator
from typing import TextIO

import pytest

from aigc_cli.render.terminal import inspect


@pytest.fixture
def tty() -> Iterator[TextIO]:
    """A real terminal of 100 columns and 30 lines."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    with open(slave, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor, not a path
        yield stream
    os.close(master)


@pytest.mark.parametrize(
    ("environ", "choice", "on_tty", "on_pipe"),
    [
        ({"TERM": "xterm"}, "auto", True, False),
        ({"TERM": "dumb"}, "auto", False, False),
        ({"NO_COLOR": "1"}, "auto", False, False),
        ({"NO_COLOR": "0"}, "auto", False, False),
        ({"NO_COLOR": ""}, "auto", True, False),
        ({"FORCE_COLOR": "1"}, "auto", True, True),
        ({"FORCE_COLOR": ""}, "auto", True, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, "auto", True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", False, False),
        ({"NO_COLOR": "1"}, "always", True, True),
        ({"FORCE_COLOR": "1"}, "never", False, False),
    ],
)
def test_color(environ: dict[str, str], choice: str, on_tty: bool, on_pipe: bool, tty: TextIO) -> None:
    """The option decides, then NO_COLOR unless empty, then FORCE_COLOR unless empty, then the terminal."""
    assert inspect(tty, color=choice, environ=environ).color is on_tty  # type: ignore[arg-type]
    assert inspect(io.StringIO(), color=choice, environ=environ).color is on_pipe  # type: ignore[arg-type]


def test_a_terminal_knows_its_size(tty: TextIO) -> None:
    """The size is the terminal's own, and follows it when the window is resized."""
    terminal = inspect(tty, environ={"COLUMNS": "7", "LINES": "7"})
    assert terminal.size() == (100, 30)
    fcntl.ioctl(tty.fileno(), termios.TIOCSWINSZ, struct.pack("HHHH", 40, 60, 0, 0))
    assert terminal.size() == (60, 40)


@pytest.mark.parametrize(
    ("environ", "size"), [({}, (80, 24)), ({"COLUMNS": "50", "LINES": "9"}, (50, 9)), ({"COLUMNS": "-1"}, (80, 24))]
)
def test_the_size_of_what_is_no_terminal(environ: dict[str, str], size: tuple[int, int]) -> None:
    """Elsewhere COLUMNS and LINES decide, and 80 by 24 where they say nothing sensible."""
    assert inspect(io.StringIO(), environ=environ).size() == size


def test_a_dumb_terminal_has_no_cursor(tty: TextIO) -> None:
    """TERM=dumb is a terminal whose lines cannot be drawn again."""
    terminal = inspect(tty, environ={"TERM": "dumb"})
    assert (terminal.is_tty, terminal.cursor, terminal.styled) == (True, False, False)


def test_a_closed_stream_is_no_terminal() -> None:
    """A closed stream can show nothing, and asking it is no error."""
    stream = io.StringIO()
    stream.close()
    assert not inspect(stream, environ={}).is_tty


def test_what_cannot_be_encoded_is_replaced() -> None:
    """A terminal that is not UTF-8 gets question marks instead of ending the program."""
    raw = io.BytesIO()
    terminal = inspect(io.TextIOWrapper(raw, encoding="latin-1"), environ={})
    terminal.stream.write("é学")
    terminal.stream.flush()
    assert (raw.getvalue(), terminal.unicode) == (b"\xe9?", False)
