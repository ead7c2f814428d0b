"""An article as Markdown with front matter."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from aigc_article.text import length

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n+", re.DOTALL)


@dataclass
class Article:
    """What is written of an article so far.

    Attributes:
        sections: Pairs of a heading and the text below it.
        abstract: Stands below the title; empty for none.
    """

    title: str
    language: str
    sections: list[tuple[str, str]] = field(default_factory=list)
    abstract: str = ""

    def body(self) -> str:
        """Return the article in Markdown without front matter; this is what its length is counted in."""
        parts = [f"# {self.title}", self.abstract and f"*{self.abstract}*"]
        parts += [f"## {heading}\n\n{text}" for heading, text in self.sections]
        return "\n\n".join(part.strip() for part in parts if part) + "\n"

    def markdown(self) -> str:
        """Return the article in Markdown, with front matter in YAML."""
        body = self.body()
        about = {"title": self.title, "lang": self.language, "length": length(body)}
        lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in about.items()]
        return "\n".join(["---", *lines, "---", "", body])


def without_front_matter(text: str) -> str:
    """Return an article in Markdown from its title on."""
    return _FRONT_MATTER.sub("", text.replace("\r\n", "\n"), count=1)
