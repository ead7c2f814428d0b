"""What Markdown means inside a line: emphasis, code, links."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it.tree import SyntaxTreeNode
from rich.segment import Segment
from rich.style import Style

from aigc_cli.render.filter import FORBIDDEN
from aigc_cli.render.lines import NO_STYLE, line_text

_STYLES = {
    "strong": Style(bold=True),
    "em": Style(italic=True),
    "s": Style(strike=True),
    "link": Style(underline=True),
}
_CODE = Style(color="cyan")
_ADDRESS = Style(dim=True)


def inline(node: SyntaxTreeNode, style: Style = NO_STYLE) -> Iterator[Segment]:
    """Yield the text below ``node``, its newlines kept: what a model puts on lines of its own, as verses, stays so.

    Addresses are written out rather than turned into links of the terminal: a reader sees where they lead.
    """
    for child in node.children:
        if child.type == "text":
            yield Segment(clean(child.content), style)
        elif child.type == "code_inline":
            yield Segment(clean(child.content), style + _CODE)
        elif child.type in ("softbreak", "hardbreak"):
            yield Segment("\n", style)
        elif child.type == "image":
            yield Segment(clean(child.content), style)
            yield from _address(child.attrs.get("src"), clean(child.content))
        else:
            parts = list(inline(child, style + _STYLES.get(child.type, NO_STYLE)))
            yield from parts
            if child.type == "link":
                yield from _address(child.attrs.get("href"), line_text(parts))


def clean(text: str) -> str:
    r"""Return ``text`` for one line of a terminal; the source was filtered, but ``&#x202E;`` is decoded after that."""
    return FORBIDDEN.sub("", text).replace("\n", " ").replace("\t", " ")


def _address(target: str | float | None, text: str) -> Iterator[Segment]:
    address = clean(str(target or ""))
    if address and address.removeprefix("mailto:") != text:
        yield Segment(f" ({address})", _ADDRESS)
