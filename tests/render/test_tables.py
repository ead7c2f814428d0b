"""Listings, fields and progress."""

from __future__ import annotations

import io
import json

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from aigc_cli.render.progress import progress
from aigc_cli.render.tables import print_fields, print_json, print_table, print_text
from aigc_cli.render.terminal import inspect

COLUMNS = {"id": "ID", "tokens": "TOKENS", "text": "TEXT"}
ROWS: list[dict[str, object]] = [
    {"id": "01abc", "tokens": 7, "text": "学习机器学习的第一步是什么？\n第二行" * 5},
    {"id": "01d", "tokens": 1234, "text": "[red]int a[i][/red]\x1b[2J"},
    {"id": "01e", "tokens": None},
]


class Tty(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:  # noqa: D102
        return True


def on_tty(columns: int) -> tuple[Tty, dict[str, str]]:
    """Return a terminal and the environment that gives its width."""
    return Tty(), {"COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}


def test_a_piped_table_is_aligned_and_whole() -> None:
    """On a pipe columns are aligned by cells, numbers to the right, and nothing is cut, styled or interpreted."""
    out = io.StringIO()
    print_table(inspect(out, environ={}), ROWS, COLUMNS)
    text = "学习机器学习的第一步是什么？ 第二行" * 5
    assert out.getvalue().splitlines() == [
        "ID     TOKENS  TEXT",
        f"01abc       7  {text}",
        "01d      1234  [red]int a[i][/red]",
        "01e",
    ]


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=60)), min_size=1), st.integers(30, 90))
def test_on_a_terminal_a_row_is_one_line(rows: list[tuple[str, str]], columns: int) -> None:
    """Whatever the cells hold, a row fits into one line of the terminal and has no control in it."""
    out, environ = on_tty(columns)
    print_table(inspect(out, environ=environ), [{"id": a, "text": b} for a, b in rows], {"id": "ID", "text": "TEXT"})
    lines = out.getvalue().replace("\x1b[1m", "").replace("\x1b[0m", "").split("\n")
    assert len(lines) == len(rows) + 2
    assert all(cell_len(line) <= columns for line in lines)
    assert "\x1b" not in "".join(lines)


def test_the_first_column_is_never_cut() -> None:
    """The name of a row stays whole; the widest of the other columns give way, marked by an ellipsis."""
    out, environ = on_tty(30)
    print_table(inspect(out, environ=environ), ROWS, COLUMNS)
    lines = out.getvalue().splitlines()
    assert lines[1] == "01abc       7  学习机器学习的…"


def test_an_empty_listing_is_empty() -> None:
    """No rows, no output: a script that counts lines counts right."""
    out = io.StringIO()
    print_table(inspect(out, environ={}), [], COLUMNS)
    assert out.getvalue() == ""


def test_fields() -> None:
    """One thing is shown as titles and values, aligned by cells; what is unknown is left out."""
    out = io.StringIO()
    print_fields(inspect(out, environ={}), {"名称": "a", "size": 3, "gone": None, "tags": ["x", "y"], "ok": True})
    assert out.getvalue() == "名称  a\nsize  3\ntags  x, y\nok    yes\n"


def test_json_and_text_are_safe() -> None:
    """JSON keeps a control as an escape, text loses it; both keep Chinese."""
    out = io.StringIO()
    print_json(inspect(out, environ={}), [{"学": "\x9b\u202e"}])
    assert json.loads(out.getvalue()) == [{"学": "\x9b\u202e"}]
    assert "\x9b" not in out.getvalue()
    out = io.StringIO()
    print_text(inspect(out, environ={}), "学\x1b[1m习\n\n")
    assert out.getvalue() == "学习\n"


def test_progress_on_a_pipe_is_sparse() -> None:
    """A log gets a line for every tenth of a download, not one for every packet."""
    out = io.StringIO()
    with progress(inspect(out, environ={}), "starter\x1b[2J") as update:
        for done in range(0, 98_000_001, 49_000):
            update(done, 98_000_000)
    lines = out.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[-1] == "starter: 100% of 98 MB"


def test_progress_on_a_terminal_leaves_nothing() -> None:
    """The bar shows title and size while it lasts, and nothing of it is left."""
    out, environ = on_tty(80)
    with progress(inspect(out, environ=environ), "[b]模型") as update:
        update(49_000_000, 98_000_000)
    assert "[b]模型" in out.getvalue()
    assert "49.0/98.0 MB" in out.getvalue()
    screen = pyte.Screen(80, 10)
    pyte.Stream(screen).feed(out.getvalue().replace("\n", "\r\n"))
    assert not "".join(screen.display).strip()


@pytest.mark.parametrize("total", [None, 0, 5])
def test_quiet_progress_is_silent(total: int | None) -> None:
    """Nothing is written when quiet, nor when a download never starts, nor on a pipe when its size is unknown."""
    out, environ = on_tty(80)
    with progress(inspect(out, environ=environ), "x", quiet=True) as update:
        update(1, total)
    with progress(inspect(out, environ=environ), "x"):
        pass
    assert out.getvalue() == ""
