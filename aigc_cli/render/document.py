"""A conversation as a document: Markdown, HTML, JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from html import escape

from markdown_it import MarkdownIt
from mdit_py_cjk_friendly import cjk_friendly

from aigc_cli.core.conversation import Turn
from aigc_cli.core.text import N_
from aigc_cli.i18n import _, language
from aigc_cli.render.front_matter import without_front_matter
from aigc_cli.render.json_ import dumps

_NAMES = {"system": N_("System"), "user": N_("You"), "assistant": N_("Answer")}
_STYLE = (
    "body{max-width:46em;margin:2em auto;padding:0 1em;font:1em/1.6 system-ui,sans-serif}"
    "pre{overflow:auto;padding:.8em;background:#8881}table{border-collapse:collapse}td,th{border:1px solid #8886;"
    "padding:.2em .6em}article{margin:1.5em 0}header{color:#888;font-size:.9em}.user{border-left:3px solid #8886;"
    "padding-left:1em;white-space:pre-wrap}"
)


def as_markdown(title: str, path: Sequence[Turn]) -> str:
    """Return the turns that lead to one place, each under a heading."""
    parts = [f"# {title}", *(f"## {_heading(turn)}\n\n{turn.text.strip()}" for turn in path)]
    return "\n\n".join(parts) + "\n"


def as_html(title: str, path: Sequence[Turn]) -> str:
    """Return a page that needs nothing else and fetches nothing: no raw HTML, scripts or pictures of a model's."""
    return "".join(html_page(title, [(title, path)]))


def text_page(title: str, markdown: str) -> str:
    """Return such a page of one text, which has its own headings; its front matter is left out."""
    return f"{_head(title)}{_markdown().render(without_front_matter(markdown))}</body>\n</html>\n"


def html_page(title: str, paths: Iterable[tuple[str, Sequence[Turn]]]) -> Iterator[str]:
    """Yield the parts of such a page that holds any number of conversations, each with its title."""
    yield _head(title)
    markdown = _markdown()
    for heading, path in paths:
        yield f"<h1>{escape(heading)}</h1>\n"
        for turn in path:
            body = markdown.render(turn.text) if turn.role == "assistant" else escape(turn.text)
            yield f'<article class="{turn.role}"><header>{escape(_heading(turn))}</header>\n{body}</article>\n'
    yield "</body>\n</html>\n"


def as_json(title: str, tree: Sequence[Turn], *, indent: int | None = 2) -> str:
    """Return all turns of a conversation, which make a tree by their parents; in one line if ``indent`` is None."""
    return dumps({"title": title, "turns": [asdict(turn) for turn in tree]}, indent=indent) + "\n"


def _head(title: str) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="{language()}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    )


def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").use(cjk_friendly).disable("image")


def _heading(turn: Turn) -> str:
    return f"{_(_NAMES[turn.role])} · {turn.created[:16].replace('T', ' ')} UTC"
