"""Code inside Markdown."""

from __future__ import annotations

from markdown_it import MarkdownIt


def first_code_block(text: str) -> str | None:
    """Return what is inside the first fenced code block of a Markdown text, or None if there is none.

    A block that is not closed, as in an answer that was cut short, reaches to the end of the text.
    """
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "fence":
            return token.content
    return None
