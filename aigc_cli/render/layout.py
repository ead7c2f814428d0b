"""Markdown as lines of a terminal, and how many of them stay as they are whatever the model writes next.

CommonMark with tables and strikethrough, with five differences that suit text which is still being written:

- A newline inside a paragraph is kept, so that verses and addresses stay what they are.
- Link reference definitions and underlined headings are not known: a line may not change what was shown long before it.
- HTML is text.
- Items of a list stand apart where they do in the source, not because one of them does.
- ``**重点：**`` is bold also where no space follows (https://github.com/tats-u/markdown-cjk-friendly).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_cjk_friendly import cjk_friendly
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from aigc_cli.render.grid import grid
from aigc_cli.render.highlight import highlight
from aigc_cli.render.inline import clean, inline
from aigc_cli.render.lines import EMPTY, NO_STYLE, Line, breaks, cut, flow, fold, join, line_text

_DIM = Style(dim=True)
_HEADINGS = {"h1": Style(bold=True, underline=True, color="cyan"), "h2": Style(bold=True, color="cyan")}
_OTHER_HEADING = Style(bold=True)
_MARKER = Style(color="cyan")
_RULE_WIDTH = 20
_NARROWEST = 8
_TAB = 4

_UNDECIDED = re.compile(r"[`\[<~]|\*(?!\s)|(?<!\w)_(?!\s)|[&\\](?=.{0,32}\Z)", re.DOTALL)
"""The first character that later text may still turn into markup."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines to show; the first ``stable`` of them will have the same text when the source has grown."""

    lines: list[Line]
    stable: int


def parse(source: str) -> list[SyntaxTreeNode]:
    """Return the blocks of a Markdown text."""
    return SyntaxTreeNode(_PARSER.parse(source)).children


def first_line(block: SyntaxTreeNode) -> int:
    """Return the number of the source line that ``block`` begins in, from 0."""
    return block.map[0] if block.map else 0


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return parser.disable(["lheading", "reference", "html_block", "html_inline"]).use(cjk_friendly)


_PARSER = _make_parser()


class Layout:
    """Lays out blocks of one source text.

    Args:
        source: What the blocks were parsed from, as far as it is written.
        width: Cells in a row.
    """

    def __init__(self, source: str, width: int) -> None:
        self._source = source.split("\n")
        self._complete = len(self._source) - 1
        self._width = width
        self._kinds: dict[str, Callable[[SyntaxTreeNode, int], Block]] = {
            "paragraph": self._paragraph,
            "heading": self._heading,
            "fence": self._fence,
            "code_block": self._code,
            "blockquote": self._quote,
            "bullet_list": self._list,
            "ordered_list": self._list,
            "table": lambda node, width: Block(grid(node, width), 0),
            "hr": lambda node, width: Block([(Segment("─" * min(width, _RULE_WIDTH), _DIM),)], 0),
        }

    def blocks(self, nodes: Sequence[SyntaxTreeNode]) -> Block:
        """Return blocks with an empty line between each two."""
        return self._stack(nodes, self._width, self._block, lambda node: True)

    def _block(self, node: SyntaxTreeNode, width: int) -> Block:
        return self._kinds[node.type](node, width)

    def _stack(
        self,
        nodes: Sequence[SyntaxTreeNode],
        width: int,
        render: Callable[[SyntaxTreeNode, int], Block],
        apart: Callable[[SyntaxTreeNode], bool],
    ) -> Block:
        """Return ``nodes`` below each other; what follows a node that can still grow is not stable."""
        lines: list[Line] = []
        stable: int | None = None
        for index, node in enumerate(nodes):
            if lines and apart(node):
                lines.append(EMPTY)
            block = render(node, width)
            is_over = index + 1 < len(nodes) and self._has_begun(nodes[index + 1])
            if stable is None and not is_over:
                stable = len(lines) + block.stable
            lines += block.lines
        return Block(lines, stable or 0)

    def _has_begun(self, node: SyntaxTreeNode) -> bool:
        """Whether the source lines are complete without which ``node`` would not be one, or another one."""
        return first_line(node) + (node.type == "table") < self._complete

    def _stands_apart(self, node: SyntaxTreeNode) -> bool:
        before = first_line(node) - 1
        return before >= 0 and not self._source[before].strip(" \t>")

    def _paragraph(self, node: SyntaxTreeNode, width: int) -> Block:
        segments = list(inline(node.children[0]))
        text = line_text(segments)
        ranges = breaks(text, width)
        undecided = _UNDECIDED.search(text)
        decided = undecided.start() if undecided else len(text)
        # The last line may be the head of a table, and the line after it the beginning of that table's rule. (A head
        # that fills more than a screen before its first bar would be taken for text; nobody writes one.)
        last_lines = text.rfind("\n", 0, max(text.rfind("\n"), 0)) + 1
        if "|" in text[last_lines:]:
            decided = min(decided, last_lines)
        stable = sum(end < decided for _start, end in ranges[:-1])
        return Block(cut(segments, ranges), stable)

    def _heading(self, node: SyntaxTreeNode, width: int) -> Block:
        return Block(flow(list(inline(node.children[0], _HEADINGS.get(node.tag, _OTHER_HEADING))), width), 0)

    def _fence(self, node: SyntaxTreeNode, width: int) -> Block:
        """Return code between its fences, dimmed: without colours they still show where code begins and ends."""
        first, last = node.map or (0, 0)
        language = clean(node.info).strip()
        written = self._complete - first - 1
        code = self._code_lines(node.content, language.partition(" ")[0], width, written)
        lines = [*fold((Segment(node.markup + language, _DIM),), width), *code.lines]
        if last - first - 1 > len(node.content.splitlines()):  # a line is left for the closing fence
            lines.append((Segment(node.markup, _DIM),))
        return Block(lines, len(lines) - len(code.lines) + code.stable if written >= 0 else 0)

    def _code(self, node: SyntaxTreeNode, width: int) -> Block:
        return self._code_lines(node.content, "", width, self._complete - first_line(node), " " * _TAB)

    def _code_lines(self, content: str, language: str, width: int, written: int, indent: str = "") -> Block:
        """Return ``content``, of which the first ``written`` source lines are complete, in lines of the screen."""
        code = content.expandtabs(_TAB).removesuffix("\n")
        lines: list[Line] = []
        stable = 0
        for number, line in enumerate(highlight(code, language) if content else []):
            lines += fold(join((Segment(indent, NO_STYLE),), line), width)
            if number < written:
                stable = len(lines)
        return Block(lines, stable)

    def _quote(self, node: SyntaxTreeNode, width: int) -> Block:
        bar = (Segment("│ ", _DIM),)
        return self._indent(node, width, bar, bar, lambda node: True)

    def _list(self, node: SyntaxTreeNode, width: int) -> Block:
        first = int(node.attrs.get("start", 1))
        numbers = {id(item): first + index for index, item in enumerate(node.children)}

        def render(item: SyntaxTreeNode, width: int) -> Block:
            text = "• " if node.type == "bullet_list" else f"{numbers[id(item)]}{item.markup} "
            hang = (Segment(" " * cell_len(text), NO_STYLE),)
            return self._indent(item, width, (Segment(text, _MARKER),), hang, self._stands_apart)

        return self._stack(node.children, width, render, self._stands_apart)

    def _indent(
        self, node: SyntaxTreeNode, width: int, first: Line, others: Line, apart: Callable[[SyntaxTreeNode], bool]
    ) -> Block:
        """Return what is inside ``node`` behind ``first`` and, from the second line on, ``others``."""
        inner = width - cell_len(line_text(first))
        if inner < _NARROWEST:  # nested so deep that there is no room left for indentation
            first, others, inner = EMPTY, EMPTY, width
        block = self._stack(node.children, inner, self._block, apart)
        lines = [join(others if index else first, line) for index, line in enumerate(block.lines or [EMPTY])]
        lines = [line if line_text(line).strip() else EMPTY for line in lines]
        return Block(lines, block.stable)
