"""Forty paragraphs of Chinese as they come from models, at every usual width of a narrow window."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pyte
import pytest
from rich.cells import cell_len

from aigc_cli.render.markdown import print_markdown
from aigc_cli.render.terminal import inspect

PARAGRAPHS = Path(__file__).with_name("paragraphs.zh.txt").read_text(encoding="utf-8").splitlines()
CLOSING = tuple("，。、；：？！）］】》〉」』”’…％—～")
BOLD = re.compile(r"\*\*(.+?)\*\*")


class Tty(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:  # noqa: D102
        return True


def drawn(text: str, columns: int) -> str:
    """Return what is written for a text in a window of this width."""
    tty = Tty()
    print_markdown(inspect(tty, environ={"TERM": "xterm", "COLUMNS": str(columns), "LINES": "24"}), text)
    return tty.getvalue()


def shown(written: str, columns: int) -> list[list[pyte.screens.Char]]:
    """Return the lines that a terminal shows, without what is blank at their ends."""
    emulator = pyte.Screen(columns, written.count("\n") + 1)
    emulator.set_mode(pyte.modes.LNM)
    pyte.Stream(emulator).feed(written)
    rows = [[emulator.buffer[row][column] for column in range(columns)] for row in range(emulator.lines)]
    return [row for row in rows if any(char.data.strip() for char in row)]


@pytest.mark.parametrize("columns", range(20, 61))
def test_paragraphs_are_set_as_chinese_is(columns: int) -> None:
    """No line starts with closing punctuation or is wider than the window, no word is lost, all bold is bold."""
    lines = shown(drawn("\n\n".join(PARAGRAPHS), columns), columns)
    texts = ["".join(char.data for char in line).rstrip() for line in lines]
    assert max(map(cell_len, texts)) <= columns
    ellipses = ("——", "……")  # two characters that stand for one may begin a line where a sentence does
    assert not [text for text in texts if text.startswith(CLOSING) and not text.startswith(ellipses)]
    source = "".join(PARAGRAPHS)
    assert "".join("".join(texts).split()) == "".join(re.sub(r"\*\*|`", "", source).split())
    bold = "".join(char.data for line in lines for char in line if char.bold)
    assert "".join(bold.split()) == "".join("".join(BOLD.findall(source)).split())
