"""Tables of Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it.tree import SyntaxTreeNode
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from aigc_cli.render.inline import inline
from aigc_cli.render.lines import EMPTY, NO_STYLE, Line, flow, join, line_text

_BOLD = Style(bold=True)
_DIM = Style(dim=True)
_BETWEEN = " │ "
_NARROWEST = 4


def grid(table: SyntaxTreeNode, width: int) -> list[Line]:
    """Return a table in at most ``width`` cells: in columns, or with a line for each cell if there are too many."""
    head, *body = [row for part in table.children for row in part.children]
    titles = [list(inline(cell.children[0], _BOLD)) for cell in head.children]
    rows = [[list(inline(cell.children[0])) for cell in row.children] for row in body]
    room = width - len(_BETWEEN) * (len(titles) - 1)
    if room < _NARROWEST * len(titles):
        return _records(titles, rows, width)
    natural = [max(cell_len(line_text(cell)) for cell in column) for column in zip(titles, *rows, strict=True)]
    widths = _fit([max(cells, 1) for cells in natural], room)
    aligned = [str(cell.attrs.get("style", "")).rpartition(":")[2] for cell in head.children]
    heads = _row(titles, widths, aligned)
    bodies = [_row(row, widths, aligned) for row in rows]
    rule = (Segment("─┼─".join("─" * cells for cells in widths), _DIM),)
    apart = any(len(lines) > 1 for lines in bodies)
    lines = [*heads, rule]
    for index, row_lines in enumerate(bodies):
        lines += [rule, *row_lines] if apart and index else row_lines
    return lines


def _fit(widths: list[int], room: int) -> list[int]:
    """Return ``widths``, the widest reduced until all fit into ``room``."""
    widths = [min(cells, room) for cells in widths]
    while sum(widths) > room:
        widths[widths.index(max(widths))] -= 1
    return widths


def _row(cells: Sequence[Sequence[Segment]], widths: Sequence[int], aligned: Sequence[str]) -> list[Line]:
    columns = [flow(cell, width) for cell, width in zip(cells, widths, strict=True)]
    lines: list[Line] = []
    for index in range(max(map(len, columns))):
        parts: list[Sequence[Segment]] = []
        for column, width, side in zip(columns, widths, aligned, strict=True):
            line = column[index] if index < len(column) else EMPTY
            spare = width - cell_len(line_text(line))
            before = {"right": spare, "center": spare // 2}.get(side, 0)
            is_last = len(parts) == 2 * len(widths) - 2
            parts.append(join(_spaces(before), line, () if is_last else _spaces(spare - before)))
            parts += [] if is_last else [(Segment(_BETWEEN, _DIM),)]
        lines.append(join(*parts))
    return lines


def _spaces(count: int) -> Line:
    return (Segment(" " * count, NO_STYLE),)


def _records(titles: list[list[Segment]], rows: list[list[list[Segment]]], width: int) -> list[Line]:
    lines: list[Line] = []
    for index, row in enumerate(rows):
        lines += [EMPTY] if index else []
        for title, cell in zip(titles, row, strict=True):
            lines += flow([*title, Segment(": ", _BOLD), *cell], width)
    return lines
