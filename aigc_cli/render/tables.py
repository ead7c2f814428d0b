"""Listings, single things and data, for people and for programs.

A listing is columns aligned with spaces under a line of titles, two spaces apart. On a terminal each row is cut to one
line; anywhere else the columns stay aligned but nothing is cut, as ``ps`` and ``docker`` do, so that ``grep`` and
``awk`` find everything. Programs had better ask for ``--json``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from aigc_cli.i18n import _
from aigc_cli.render.filter import one_line, sanitize
from aigc_cli.render.json_ import dumps
from aigc_cli.render.terminal import Terminal

_GAP = "  "
_NARROWEST = 6


def print_table(terminal: Terminal, rows: Sequence[Mapping[str, object]], columns: Mapping[str, str]) -> None:
    """Write one line for each of ``rows``; nothing at all, not even titles, if there are none.

    Args:
        terminal: Where to.
        rows: What to list. A missing value is shown as an empty cell; numbers are aligned to the right.
        columns: The keys to show, in this order, each with its title. The first column, which names the row, is
            never cut.
    """
    if not rows:
        return
    cells = [[_cell(row.get(key)) for key in columns] for row in rows]
    titles = [one_line(title) for title in columns.values()]
    widths = [max(map(cell_len, column)) for column in zip(titles, *cells, strict=True)]
    if terminal.is_tty:
        _narrow(widths, terminal.size()[0])
    to_right = [all(_is_number(row.get(key)) for row in rows) for key in columns]
    ellipsis = "…" if terminal.unicode else "~"

    def line(texts: Sequence[str]) -> str:
        fitted = [
            _align(text, width, right, ellipsis) for text, width, right in zip(texts, widths, to_right, strict=True)
        ]
        return _GAP.join(fitted).rstrip()

    lines = [_bold(terminal, line(titles)), *map(line, cells)]
    terminal.stream.write("\n".join(lines) + "\n")


def print_fields(terminal: Terminal, fields: Mapping[str, object], *, indent: str = "") -> None:
    """Write what is known about one thing, a title and a value to a line; fields without a value are left out."""
    shown = {one_line(title): _cell(value) for title, value in fields.items()}
    width = max(map(cell_len, shown), default=0)
    for title, value in shown.items():
        if value:
            terminal.stream.write(indent + _bold(terminal, set_cell_size(title, width)) + _GAP + value + "\n")


def print_json(terminal: Terminal, data: object) -> None:
    """Write ``data`` as indented JSON."""
    terminal.stream.write(dumps(data, indent=2) + "\n")


def print_text(terminal: Terminal, text: str) -> None:
    """Write a text of several lines, filtered, with one newline at its end."""
    terminal.stream.write(sanitize(text).rstrip("\n") + "\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_cell, value))
    return one_line(str(value))


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _narrow(widths: list[int], columns: int) -> None:
    """Take from the widest columns but the first, in place, until all fit into a line or are as narrow as it gets."""
    room = columns - len(_GAP) * (len(widths) - 1)
    widths[1:] = [min(width, room) for width in widths[1:]]
    while sum(widths) > room and max(widths[1:], default=0) > _NARROWEST:
        widths[widths.index(max(widths[1:]), 1)] -= 1


def _align(text: str, width: int, right: bool, ellipsis: str) -> str:
    spare = width - cell_len(text)
    if spare < 0:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + ellipsis, width)
    return " " * spare + text if right else text + " " * spare


def _bold(terminal: Terminal, text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m" if terminal.styled else text
