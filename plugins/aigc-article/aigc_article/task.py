"""What an article is to be, from the brief, and the requests that it takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from aigc_article.messages import say
from aigc_article.outline import Outline, parse
from aigc_article.text import length
from aigc_cli.api import Brief, Complete, Message, RenderedPrompt, Request, Sampling, UsageProblem

_USUAL_LENGTH = {"en": 800, "zh": 1000}
_SECTIONS = 1 / 6  # per square root of the length: 3 for 300 units, 5 for 1,000, 9 for 3,000
_LEAST_SECTION = 25
_SHORT_TOPIC = 40
_MARGIN = 16  # tokens that counting a prompt may be off by
_WARMER, _STRICTER, _DRY = 0.12, 0.05, 0.8
_HOTTEST = 1.2


@dataclass(frozen=True, slots=True)
class Task:
    """What an article is to be.

    Attributes:
        target: Its length in units.
        section_count: As many sections as an outline is asked for.
        outline: The user's own; None if there is to be one yet.
        sources: The only texts it may draw on; empty for what the model knows.
        style: The variables for tone and audience that templates are given.
    """

    brief: Brief
    language: str
    target: int
    section_count: int
    outline: Outline | None
    sources: tuple[str, ...]
    style: Mapping[str, str]

    @property
    def subject(self) -> str:
        """The topic where it is short enough to be said again with every section, or else nothing."""
        return self.brief.topic.strip() if length(self.brief.topic) <= _SHORT_TOPIC else ""

    def say(self, key: str, **params: object) -> str:
        """Return a sentence for the user."""
        return say(self.language, key, **params)

    def fill(self, template: str, **variables: str) -> RenderedPrompt:
        """Fill in one of the templates."""
        return self.brief.fill(template, variables)

    def tokens(self, units: int) -> int:
        """Return how many tokens a text of so many units takes at most, going by its language."""
        sample = _SAMPLE[self.language]
        each = (self.brief.count(sample) - self.brief.count("")) / length(sample)
        return round(units * each * 1.3) + _MARGIN

    def shortened(self, text: str) -> str:
        """Return the lines at the beginning of ``text`` that a third of the context holds."""
        lines: list[str] = []
        for line in text.splitlines():
            if self.brief.count("\n".join([*lines, line])) > self.brief.context // 3:
                break
            lines.append(line)
        return "\n".join(lines)

    def room(self, messages: tuple[Message, ...]) -> int:
        """Return how many tokens an answer to ``messages`` may take."""
        prompt = sum(self.brief.count(message.content) for message in messages)
        return self.brief.context - prompt - _MARGIN

    def complete(
        self,
        prompt: RenderedPrompt,
        grammar: str,
        label: str,
        most: int,
        *,
        tries: int = 0,
        n: int = 1,
        shown: bool = False,
        kept: bool = False,
    ) -> Complete:
        """Return the step that asks for an answer to ``prompt`` under ``grammar``.

        Args:
            prompt: A template filled in.
            grammar: What the answer must satisfy.
            label: What it is for.
            most: Tokens that the answer may take, if there is room.
            tries: How often it came out badly before; each time it is drawn more freely and repeats less.
            n: How many answers.
            shown: See `Complete`.
            kept: See `Complete`.
        """
        limits = [most, self.room(prompt.messages), *([prompt.max_tokens] if prompt.max_tokens else [])]
        request = Request(
            prompt.messages,
            _bolder(Sampling(**prompt.sampling), tries),  # type: ignore[arg-type]
            max_tokens=max(1, min(limits)),
            stop=prompt.stop,
            candidates=n,
            grammar=grammar,
        )
        return Complete(request, label, shown=shown, kept=kept)


_SAMPLE = {
    "en": "Cities plant trees because they cool the streets, clean the air and give people a place to rest in summer.",
    "zh": "城市种树，是因为树木能为街道降温、净化空气，夏天还给人们一个休息的地方。",
}


def task(brief: Brief) -> Task:
    """Return what ``brief`` asks for.

    Raises:
        UsageProblem: if its options make no sense together.
    """
    language = "zh" if brief.language == "zh" else "en"
    options = brief.options
    words, chars = options.get("words"), options.get("chars")
    if words and chars:
        raise UsageProblem(detail=say(language, "both-lengths"))
    target = _number(words or chars) or _USUAL_LENGTH[language]
    usual = max(1, round(_SECTIONS * math.sqrt(target)))
    outline = options.get("outline")
    given = usable(parse(outline), language) if isinstance(outline, str) else None
    count = len(given.sections) if given else _number(options.get("sections")) or usual
    if count * _LEAST_SECTION > target:
        unit = say(language, "unit")
        raise UsageProblem(detail=say(language, "too-short", target=target, unit=unit, sections=count))
    sources = options.get("from")
    style = {name: str(options[name]) for name in ("tone", "audience") if options.get(name)}
    return Task(brief, language, target, count, given, sources if isinstance(sources, tuple) else (), style)


def usable(outline: Outline, language: str) -> Outline:
    """Return ``outline`` if it has a section.

    Raises:
        UsageProblem: if it has none.
    """
    if not outline.sections:
        raise UsageProblem(detail=say(language, "no-outline"))
    return outline


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _bolder(sampling: Sampling, tries: int) -> Sampling:
    if not tries:
        return sampling
    return replace(
        sampling,
        temperature=max(sampling.temperature, min(_HOTTEST, sampling.temperature + _WARMER * tries)),
        repeat_penalty=sampling.repeat_penalty + _STRICTER * min(tries, 4),
        dry_multiplier=max(sampling.dry_multiplier, _DRY),
    )
