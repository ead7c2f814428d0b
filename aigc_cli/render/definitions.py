"""Terms and what they mean, as in a help text: nothing is cut, explanations are broken between words."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len, set_cell_size

from aigc_cli.render.filter import one_line
from aigc_cli.render.terminal import Terminal
from aigc_cli.render.wrap import wrap

_GAP = 2
_INDENT = 4
_NARROWEST = 30
"""Columns for explanations; with fewer they stand under their terms."""


def print_definitions(terminal: Terminal, definitions: Mapping[str, str]) -> None:
    """Write each term with its explanation beside it, or under it where a terminal is too narrow for that."""
    terms = [one_line(term) for term in definitions]
    left = max(map(cell_len, terms), default=0) + _GAP
    columns = terminal.size()[0]
    beside = columns - left >= _NARROWEST
    indent = left if beside else _INDENT
    for term, explanation in zip(terms, definitions.values(), strict=True):
        text = one_line(explanation)
        lines = [text[start:end] for start, end in wrap(text, max(columns - indent, _NARROWEST))]
        head = set_cell_size(term, indent) + lines.pop(0) if beside else term
        terminal.stream.write("\n".join([head, *(" " * indent + line for line in lines)]) + "\n")
