"""Lines of styled text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rich.cells import chop_cells
from rich.segment import Segment
from rich.style import Style

from aigc_cli.render.wrap import wrap

Line: TypeAlias = tuple[Segment, ...]
"""What one row of the screen shows. Neighbours differ in style, so that equal rows are equal tuples."""

NO_STYLE = Style.null()
EMPTY: Line = ()


def line_text(line: Iterable[Segment]) -> str:
    """Return the text without styles."""
    return "".join(segment.text for segment in line)


def join(*parts: Iterable[Segment]) -> Line:
    """Return one line of these parts."""
    merged: list[Segment] = []
    for part in parts:
        for text, style, _control in part:
            if merged and merged[-1].style == style:
                merged[-1] = Segment(merged[-1].text + text, style)
            elif text:
                merged.append(Segment(text, style))
    return tuple(merged)


def breaks(text: str, width: int) -> list[tuple[int, int]]:
    """Return the ranges of ``text`` that are its lines when its newlines stay and longer lines are wrapped."""
    ranges: list[tuple[int, int]] = []
    for match in re.finditer(r"[^\n]*(?:\n|\Z)", text):
        if match.start() == len(text) and match.start() > 0:
            break
        offset = match.start()
        ranges += [(start + offset, end + offset) for start, end in wrap(match.group().rstrip("\n"), width)]
    return ranges


def cut(segments: Sequence[Segment], ranges: Iterable[tuple[int, int]]) -> list[Line]:
    """Return the lines that these ascending ranges of the text are."""
    lines: list[Line] = []
    index = offset = 0
    for start, end in ranges:
        while index < len(segments) and offset + len(segments[index].text) <= start:
            offset += len(segments[index].text)
            index += 1
        parts: list[Segment] = []
        position, within = offset, index
        while within < len(segments) and position < end:
            text, style, _control = segments[within]
            parts.append(Segment(text[max(start - position, 0) : end - position], style))
            position += len(text)
            within += 1
        lines.append(join(parts))
    return lines


def flow(segments: Sequence[Segment], width: int) -> list[Line]:
    """Return ``segments`` as lines of at most ``width`` cells, broken where a reader expects it."""
    return cut(segments, breaks(line_text(segments), width))


def fold(line: Line, width: int) -> list[Line]:
    """Return ``line`` in pieces of ``width`` cells, broken anywhere, as code is."""
    ranges: list[tuple[int, int]] = []
    for piece in chop_cells(line_text(line), width):
        start = ranges[-1][1] if ranges else 0
        ranges.append((start, start + len(piece)))
    return cut(line, ranges) or [EMPTY]
