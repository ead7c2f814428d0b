"""Two answers for comparison: beside each other where there is room, below each other where there is not."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from aigc_cli.i18n import _
from aigc_cli.render.filter import sanitize
from aigc_cli.render.layout import Layout, parse
from aigc_cli.render.lines import EMPTY, NO_STYLE, Line, flow, join, line_text
from aigc_cli.render.paint import Painter
from aigc_cli.render.tables import print_text
from aigc_cli.render.terminal import Terminal

WIDE = 100
"""Columns from which on answers stand beside each other."""

_BAR = (Segment(" │ ", Style(dim=True)),)
_TITLE = Style(bold=True)


def print_duel(terminal: Terminal, first: str, second: str, *, markdown: bool) -> None:
    """Write two answers under the titles "1" and "2"."""
    titles = (_("Answer 1"), _("Answer 2"))
    if not terminal.cursor:
        print_text(terminal, f"{titles[0]}\n\n{first.strip()}\n\n{titles[1]}\n\n{second.strip()}")
        return
    columns, rows = terminal.size()
    beside = columns >= WIDE
    width = (columns - cell_len(line_text(_BAR))) // 2 if beside else columns
    sides = [
        [(Segment(title, _TITLE),), EMPTY, *_lines(text, width, markdown)]
        for title, text in zip(titles, (first, second), strict=True)
    ]
    lines = _beside(sides[0], sides[1], width) if beside else [*sides[0], EMPTY, *sides[1]]
    painter = Painter(terminal.stream, color=terminal.color)
    painter.paint(lines, len(lines), rows)
    painter.end()


def _lines(text: str, width: int, markdown: bool) -> list[Line]:
    safe = sanitize(text).strip("\n")
    if markdown:
        return Layout(f"{safe}\n", width).blocks(parse(f"{safe}\n")).lines
    return flow([Segment(safe.expandtabs(4), NO_STYLE)], width)


def _beside(left: list[Line], right: list[Line], width: int) -> list[Line]:
    lines = []
    for index in range(max(len(left), len(right))):
        first = left[index] if index < len(left) else EMPTY
        second = right[index] if index < len(right) else EMPTY
        spare = (Segment(" " * (width - cell_len(line_text(first))), NO_STYLE),)
        lines.append(join(first, spare, _BAR, second))
    return lines
