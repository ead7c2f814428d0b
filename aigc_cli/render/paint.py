"""Drawing lines again as they change, with as few bytes as that takes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TextIO

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style

from aigc_cli.render.lines import EMPTY, Line, cut, line_text

# A terminal may be in raw mode, in which a newline alone does not return to the first column.
_NEXT_ROW = "\r\n"
_ERASE_TO_END_OF_ROW = "\x1b[K"
_ERASE_TO_END_OF_SCREEN = "\x1b[J"
_PLAIN = "\x1b[m"


class Painter:
    """Keeps the last lines on a screen equal to lines that are given again and again as they grow and change.

    The cursor rests at the end of the last line. What has scrolled off the screen can never be drawn again, so lines
    that may still change are shown only as far as they fit on the screen; the rest waits until they are settled.

    Args:
        stream: The terminal.
        color: False leaves out colours, not bold and the like.
    """

    def __init__(self, stream: TextIO, *, color: bool) -> None:
        self._stream = stream
        self._color = color
        self._shown: list[Line] = []
        self._lost = 0
        self._on_fresh_row = True

    def paint(self, lines: Sequence[Line], stable: int, height: int) -> None:
        """Show ``lines``, of which the text of the first ``stable`` is final, on a screen of ``height`` rows."""
        self._lost = max(self._lost, len(self._shown) - height)
        target = list(lines[: stable + height - 1])
        if len(target) <= self._lost:  # only after a resize: what should go cannot be reached
            target += [EMPTY] * (len(self._shown) - len(target))
        output = self._change(target)
        self._shown = target
        if output:
            self._on_fresh_row = False
            self._stream.write(output)
            self._stream.flush()

    def settle(self, count: int) -> None:
        """Declare the first ``count`` lines final; the lines given from now on come after them."""
        del self._shown[:count]
        self._lost = max(self._lost - count, 0)

    def lose_track(self) -> None:
        """Draw nothing again that is on the screen: the terminal has moved it."""
        self._lost = len(self._shown)

    def end(self) -> None:
        """Move to a fresh row."""
        if not self._on_fresh_row:
            self._stream.write(_NEXT_ROW)
            self._stream.flush()

    def _change(self, target: list[Line]) -> str:
        """Return what turns the screen from the lines shown to ``target``."""
        shown = self._shown
        row = self._lost
        while row < min(len(target), len(shown)) and target[row] == shown[row]:
            row += 1
        if row >= len(shown):
            grown = self._rest(target[len(shown) - 1], _common(shown[-1], target[len(shown) - 1])) if shown else ""
            return grown + "".join(self._new_row(line) for line in target[len(shown) :])
        if len(target) < len(shown):
            row = min(row, len(target) - 1)
            above = _move(len(shown) - 1 - row, 0) + _ERASE_TO_END_OF_SCREEN
            return above + self._rest(target[row], 0) + "".join(self._new_row(line) for line in target[row + 1 :])
        output = [self._redraw(shown[row], target[row], len(shown) - 1 - row)]
        for old, new in zip(shown[row + 1 :], target[row + 1 :], strict=False):
            output += [_NEXT_ROW, self._redraw(old, new, None)]
        output += [self._new_row(line) for line in target[len(shown) :]]
        return "".join(output)

    def _new_row(self, line: Line) -> str:
        move = "" if self._on_fresh_row else _NEXT_ROW
        self._on_fresh_row = False
        return move + self._rest(line, 0)

    def _redraw(self, old: Line, new: Line, up: int | None) -> str:
        """Return what turns row ``old`` to ``new``, ``up`` rows above the cursor or, if None, at the cursor."""
        kept = _common(old, new)
        before = cell_len(line_text(new)[:kept])
        if up == 0 and kept == len(line_text(old)):
            move = ""
        else:
            move = _move(up or 0, before) if up is not None else _right(before)
        shorter = cell_len(line_text(new)) < cell_len(line_text(old))
        return move + self._rest(new, kept) + (_ERASE_TO_END_OF_ROW if shorter else "")

    def _rest(self, line: Line, start: int) -> str:
        """Return ``line`` from the character at ``start`` on, with its styles."""
        output: list[str] = []
        for text, style, _control in cut(line, [(start, len(line_text(line)))])[0]:
            codes = _codes(style, self._color) if style else ""
            output.append(f"{codes}{text}{_PLAIN}" if codes else text)
        return "".join(output)


def _common(old: Line, new: Line) -> int:
    """Return how many characters at the beginning of ``new`` are on the screen when ``old`` is."""
    old_cells = [(character, style) for text, style, _control in old for character in text]
    new_cells = [(character, style) for text, style, _control in new for character in text]
    count = 0
    for before, after in zip(old_cells, new_cells, strict=False):
        if before != after:
            break
        count += 1
    # A mark or a joined character belongs to the cell before it.
    while 0 < count < len(new_cells) and (cell_len(new_cells[count][0]) == 0 or new_cells[count - 1][0] == "\u200d"):
        count -= 1
    return count


def _move(up: int, column: int) -> str:
    return "\r" + (f"\x1b[{up}A" if up else "") + _right(column)


def _right(cells: int) -> str:
    return f"\x1b[{cells}C" if cells else ""


@lru_cache(maxsize=256)
def _codes(style: Style, color: bool) -> str:
    """Return the sequence that switches ``style`` on."""
    shown = style if color else style.without_color
    return shown.render("x", color_system=ColorSystem.STANDARD).partition("x")[0]
