"""Long output of ``aigc history`` through a pager, on a real pseudo-terminal."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from aigc_cli.config.paths import Paths
from aigc_cli.store import Store
from aigc_cli.testing import AIGC, PtyScreen

Open = Callable[..., PtyScreen]

PAGER = """
import os, sys
text = sys.stdin.buffer.read().decode()
print("PAGER", sys.argv[1:], os.environ.get("LESS"), len(text.splitlines()), text.splitlines()[-1])
"""


@pytest.fixture
def history(home: Path) -> Iterator[Open]:
    """Return a function that runs `aigc history` on a terminal of 24 lines, with a turn of 100 lines in the history."""
    store = Store(Paths.find().database)
    store.add_turn(store.new_conversation(), None, "user", "\n".join(f"第 {number} 行" for number in range(100)))
    store.add_turn(store.new_conversation(), None, "user", "长" * 1000)
    store.add_turn(store.new_conversation(), None, "user", "short")
    store.close()
    with ExitStack() as stack:

        def run(*args: str, **env: str) -> PtyScreen:
            environ = {name: value for name, value in os.environ.items() if name not in ("LESS", "PAGER")}
            environ |= {"TERM": "xterm-256color", **env}
            return stack.enter_context(PtyScreen([*AIGC, "history", *args], env=environ))

        yield run


@pytest.fixture
def pager(tmp_path: Path) -> str:
    """Return a pager, as a command line with an argument, that tells what it was given."""
    script = tmp_path / "my pager.py"
    script.write_text(PAGER, encoding="utf-8")
    return f"{sys.executable} '{script}' -x"


def turn_with(text: str) -> str:
    """Return the id of the turn that has this text."""
    store = Store(Paths.find().database)
    (turn,) = store.search(text, 1)
    store.close()
    return turn.id


def test_long_output_goes_through_the_pager(history: Open, pager: str) -> None:
    """The pager is run with its arguments, gets everything, and is told to show colours."""
    screen = history("show", turn_with("99"), PAGER=pager)
    screen.wait_for("PAGER ['-x'] FRX 101 第 99 行")
    assert screen.wait_for_end() == 0


def test_one_line_that_takes_the_whole_screen_is_long(history: Open, pager: str) -> None:
    """What counts is rows of the screen: 1,000 wide characters take 25 of 80 columns."""
    history("show", turn_with("长长"), PAGER=pager).wait_for("PAGER")


@pytest.mark.parametrize("command", [["list"], ["tree"], ["search", "short"]])
def test_what_fits_is_shown_at_once(history: Open, pager: str, command: list[str]) -> None:
    """No pager is started for less than a screen."""
    screen = history(*command, PAGER=pager)
    assert screen.wait_for_end() == 0
    assert "short" in screen.text()
    assert "PAGER" not in screen.text()


@pytest.mark.parametrize(
    ("more", "env"),
    [
        (["--no-pager"], {}),
        ([], {"PAGER": ""}),
        ([], {"PAGER": "cat"}),
        ([], {"PAGER": "no-such-pager -R"}),
        ([], {"PAGER": "'no end"}),
        ([], {"TERM": "dumb"}),
    ],
)
def test_without_a_pager_all_is_shown(history: Open, pager: str, more: list[str], env: dict[str, str]) -> None:
    """Where the pager is refused, empty, missing or misspelt, nothing of the output is lost."""
    screen = history("show", turn_with("99"), *more, **{"PAGER": pager, **env})
    assert screen.wait_for_end() == 0
    seen = screen.text()
    assert "PAGER" not in seen
    assert all(f"第 {number} 行" in seen for number in range(100))


def test_a_reader_who_has_seen_enough_ends_nothing_badly(history: Open) -> None:
    """A pager that ends before it has read everything, and Ctrl+C in a pager, are no failures."""
    assert history("show", turn_with("99"), PAGER="true").wait_for_end() == 0
    code = "import signal,time; signal.signal(2, lambda *a: print('caught')); print('ready', flush=True); time.sleep(1)"
    screen = history("show", turn_with("99"), PAGER=f'{sys.executable} -c "{code}"')
    screen.wait_for("ready")
    screen.send("\x03")
    screen.wait_for("caught")
    assert screen.wait_for_end() == 0
    assert "Traceback" not in screen.text()


@pytest.mark.skipif(shutil.which("less") is None, reason="there is no less here")
def test_less_is_the_default(history: Open) -> None:
    """Without $PAGER the first screen is shown and waits; `q` leaves it."""
    screen = history("show", turn_with("99"))
    screen.wait_for("第 10 行")
    assert "第 99 行" not in screen.text()
    screen.send("q")
    assert screen.wait_for_end() == 0


def test_a_pipe_is_never_paged(history: Open, pager: str) -> None:
    """`aigc history show | cat` on a terminal starts no pager."""
    command = f"'{sys.executable}' -m aigc_cli history show {turn_with('99')} | tail -n 1"
    with PtyScreen(["/bin/sh", "-c", command], env={**os.environ, "TERM": "xterm", "PAGER": pager}) as screen:
        assert screen.wait_for_end() == 0
        assert screen.text() == "第 99 行"
