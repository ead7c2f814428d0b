"""Front matter: what a Markdown file says of itself in YAML, for programs that make pages of it."""

from __future__ import annotations

import re

_FRONT_MATTER = re.compile(r"\A---\n(?:[\w-]+:.*\n)+---\n+")


def without_front_matter(text: str) -> str:
    """Return a Markdown text as a reader is to see it; only plain ``key: value`` lines are taken for front matter."""
    return _FRONT_MATTER.sub("", text, count=1)
