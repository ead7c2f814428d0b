"""Colours for code."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style

from aigc_cli.render.lines import NO_STYLE, Line, join

_LONGEST = 100_000
"""Characters; more is shown without colours, so that no lexer can hold up an answer."""


def highlight(code: str, language: str) -> list[Line]:
    """Return the lines of ``code``, in the terminal's own colours where the language is known."""
    spans: list[tuple[int, int, Style]] = []
    if language and len(code) <= _LONGEST:
        from rich.syntax import Syntax  # many answers have no code

        text = Syntax("", language, theme="ansi_dark").highlight(code)
        spans = [
            (span.start, span.end, span.style)
            for span in text.spans
            if isinstance(span.style, Style) and not code[span.start : span.end].isspace()
        ]
    lines: list[Line] = []
    start = index = 0
    for line in code.split("\n"):
        end = start + len(line)
        parts: list[Segment] = []
        position = start
        while index < len(spans) and spans[index][0] < end:
            first, last, style = spans[index]
            parts.append(Segment(code[position : max(first, position)], NO_STYLE))
            position = max(first, position)
            parts.append(Segment(code[position : min(last, end)], style))
            position = max(position, min(last, end))
            if last > end:
                break
            index += 1
        parts.append(Segment(code[position:end], NO_STYLE))
        lines.append(join(parts))
        start = end + 1
    return lines
