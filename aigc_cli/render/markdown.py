"""Markdown on a terminal, drawn while it is being written."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from aigc_cli.render.answer import AnswerRenderer
from aigc_cli.render.aside import Aside
from aigc_cli.render.filter import OutputFilter, sanitize
from aigc_cli.render.layout import Layout, first_line, parse
from aigc_cli.render.lines import EMPTY, Line
from aigc_cli.render.paint import Painter
from aigc_cli.render.terminal import Terminal

_SHORTEST_INTERVAL = 0.05
"""Seconds between two repaints; 20 a second is as often as an eye can use."""

_LARGEST_SHARE = 0.1
"""Of the time that may go into repainting: the model needs the rest."""

_ONLY_A_MARKER = re.compile(r"[-+*#>]*|\d{1,9}[.)]?")
_DELIMITERS = "*_`~"


class MarkdownStream:
    """Draws one Markdown text as it grows.

    Finished blocks are drawn once and left to the scrollback; only the block that is being written is drawn again,
    and of it only what differs. When the text is complete, the screen shows what it would show had it been drawn at
    once.

    Args:
        terminal: One whose cursor can be moved.
        stream: False draws nothing before the end.
        clock: Seconds.
    """

    def __init__(self, terminal: Terminal, *, stream: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = terminal
        self._clock = clock
        self._painter = Painter(terminal.stream, color=terminal.color)
        self._source = ""
        self._width = 0
        self._checked = 0
        self._follows_a_block = False
        self._next_repaint = clock() if stream else float("inf")

    def write(self, text: str) -> None:
        """Take more text, already filtered."""
        self._source += text
        before = self._clock()
        if before >= self._next_repaint:
            self._repaint()
            after = self._clock()
            self._next_repaint = after + max(_SHORTEST_INTERVAL, (after - before) / _LARGEST_SHARE)

    def end(self) -> None:
        """Draw what is missing and move to a fresh row."""
        self._repaint(final=True)
        self._painter.end()

    def _repaint(self, *, final: bool = False) -> None:
        columns, height = self._terminal.size()
        if not self._width:
            self._width = columns
        elif columns < self._width:
            self._painter.lose_track()
        settled = self._take_finished(columns, final=final)
        tail = _showable(self._source)
        block = Layout(tail, self._width).blocks(parse(tail))
        lines = settled + self._apart(block.lines)
        self._painter.paint(lines, len(lines) - len(block.lines) + block.stable, height)
        self._painter.settle(len(settled))

    def _take_finished(self, columns: int, *, final: bool) -> list[Line]:
        """Return the lines of all blocks that no further text can change, and forget their source."""
        end = len(self._source) if final else self._source.rfind("\n") + 1
        if end == self._checked and not final:
            return []
        source = self._source[:end]
        blocks = parse(source)
        finished = blocks if final else blocks[:-1]
        lines: list[Line] = []
        for block in finished:
            lines += self._apart(Layout(source, self._width).blocks([block]).lines)
            self._follows_a_block = True
            self._width = columns
        if finished:
            self._source = "" if final else "\n".join(self._source.split("\n")[first_line(blocks[-1]) :])
        self._checked = self._source.rfind("\n") + 1
        return lines

    def _apart(self, lines: list[Line]) -> list[Line]:
        return [EMPTY, *lines] if lines and self._follows_a_block else lines


def _showable(source: str) -> str:
    """Return an unfinished text without what, at its end, will soon look different: markers, heads of tables."""
    before, _newline, last = source.rpartition("\n")
    previous = before.rpartition("\n")[2]
    if previous.lstrip(" ").startswith("|") and not last.strip(" \t|:-"):
        return before[: len(before) - len(previous)]
    if last.lstrip(" ").startswith("|") or _ONLY_A_MARKER.fullmatch(last.strip(" \t")):
        return source[: len(source) - len(last)]
    return source.rstrip(_DELIMITERS)


class MarkdownRenderer(AnswerRenderer):
    """Draws each answer as Markdown while it grows.

    Args:
        stdout: Takes the answers; a terminal whose cursor can be moved.
        aside: Takes everything else.
        candidates: How many answers to expect.
        stream: False draws each answer at once when it is complete.
        clock: Seconds.
    """

    def __init__(
        self,
        stdout: Terminal,
        aside: Aside,
        *,
        candidates: int = 1,
        stream: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(stdout, aside, candidates=candidates)
        self._stream = stream
        self._clock = clock
        self._filter = OutputFilter()
        self._text = MarkdownStream(stdout)
        self._first = True

    def _begin(self, heading: str) -> None:
        if heading:
            self._stdout.stream.write(("" if self._first else "\r\n") + f"\x1b[1m{heading}\x1b[m\r\n\r\n")
        self._first = False
        self._text = MarkdownStream(self._stdout, stream=self._stream, clock=self._clock)

    def _write(self, text: str) -> None:
        self._text.write(self._filter.feed(text))

    def _end(self) -> None:
        self._text.write(self._filter.flush())
        self._text.end()


def print_markdown(terminal: Terminal, text: str) -> None:
    """Write a complete Markdown text: drawn where the cursor can be moved, elsewhere as it is, always filtered."""
    if not terminal.cursor:
        terminal.stream.write(sanitize(text).rstrip("\n") + "\n")
        return
    stream = MarkdownStream(terminal, stream=False)
    stream.write(sanitize(text))
    stream.end()
