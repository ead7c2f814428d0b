"""Whether an article is what it was to be: its length, its outline, repetition, quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aigc_article.document import without_front_matter
from aigc_article.messages import say
from aigc_article.outline import Outline, parse
from aigc_article.repetition import MOST, Said
from aigc_article.sources import Quotes
from aigc_article.text import length
from aigc_cli.api import Check, OptionValue

TOLERANCE = 0.1
"""Share of the length by which an article may miss it."""
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an article was to be.

    Attributes:
        language: "en" or "zh"; that of the sentences about it, too.
        target: Its length in units; None for any.
        outline: None for any.
        sources: Texts that its quotes have to be in; with none, quotes are not looked at.
        facts: What else is known of how it came to be.
    """

    language: str
    target: int | None = None
    outline: Outline | None = None
    sources: Sequence[str] = ()
    facts: Mapping[str, object] = field(default_factory=dict)

    def check(self, text: str) -> Check:
        """Check an article in Markdown, with or without front matter."""
        body = without_front_matter(text)
        plain = re.sub(r"^#+\s+", "", body, flags=re.MULTILINE)
        actual, (count, passage) = length(plain), Said(plain).worst()
        quotes, false = Quotes(self.sources).checked(plain) if self.sources else (0, [])
        problems = [
            *self._about_length(actual),
            *self._about_outline(body),
            *([self._say("repeats", passage=passage, count=count)] if count > MOST else []),
            *(self._say("quote", quote=quote) for quote in false),
        ]
        facts = {
            "length": actual,
            "target": self.target,
            "unit": self._say("unit"),
            "most_frequent_8_gram": count,
            "quotes": quotes,
            **self.facts,
        }
        return Check(not problems, tuple(problems), facts=facts)

    def _about_length(self, actual: int) -> list[str]:
        if self.target is None or abs(actual - self.target) <= TOLERANCE * self.target:
            return []
        return [self._say("length", actual=actual, target=self.target, unit=self._say("unit"))]

    def _about_outline(self, body: str) -> list[str]:
        if self.outline is None:
            return []
        found = list(_HEADING.finditer(body))
        bounds = [*(match.start() for match in found[1:]), len(body)]
        texts = {match[1]: body[match.end() : bound].strip() for match, bound in zip(found, bounds, strict=True)}
        headings = [section.heading for section in self.outline.sections]
        missing = [heading for heading in headings if heading not in texts]
        there = [match[1] for match in found if match[1] in headings]
        return [
            *(self._say("missing", heading=heading) for heading in missing),
            *(self._say("empty", heading=heading) for heading in headings if texts.get(heading) == ""),
            *([] if missing or there == headings else [self._say("order")]),
        ]

    def _say(self, key: str, **params: object) -> str:
        return say(self.language, key, **params)


def check_article(text: str, options: Mapping[str, OptionValue], language: str) -> Check:
    """Check an article that anyone wrote by what of the generator's options is given."""
    target = options.get("words") or options.get("chars")
    outline = options.get("outline")
    sources = options.get("from") or ()
    return Wanted(
        language,
        target if isinstance(target, int) else None,
        parse(outline) if isinstance(outline, str) else None,
        sources if isinstance(sources, tuple) else (),
    ).check(text)
