"""Writing English verse: line by line, each drawn in numbers, counted, and the likeliest of those that fit taken.

A rhyme is held by grammar, for the line may end only with common words that rhyme with what it has to; syllables are
counted. A line of which no draft fits is drawn again at the end, the others fixed, with more drafts.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator as Coroutine
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aigc_cli.api import Artifact, Brief, Complete, Completion, Flow, Report, Request, Step, UsageProblem
from aigc_poem.checking import check_poem
from aigc_poem.drawing import Pen, appeal, likelihood, pen, sampling_of
from aigc_poem.english import is_known, rhyming, usual_syllables, words_of
from aigc_poem.english_grammar import line_grammar
from aigc_poem.forms import ENGLISH, EnglishForm, Span
from aigc_poem.metrical import full_scheme, last_word, partners, syllable_faults
from aigc_poem.texts import say
from aigc_poem.verse import lines_of

_CANDIDATES = 8
_FREE_CANDIDATES = 4
_FEWEST_RHYMES = 8  # common words that must rhyme with a line that others have to rhyme with
_TOKENS_PER_SYLLABLE = 3
_REPAIRS = 4  # rounds over the lines that are wrong, each with twice the drafts
_DEFAULT_LINES = 4
_HEADS = range(2, 17)
_LINKS = """a an and as at but by can for from had has have her his if in into is it's its i'm my no nor of on or our so
than that the their these they're this those to was were when where which whose will with you're your"""
_NO_ENDINGS = frozenset(_LINKS.split())
_ANY: Span = (5, 12)

Writing = Coroutine[Step, Any, None]


@dataclass
class _Poem:
    """A poem while it is written.

    Attributes:
        scheme: Which lines rhyme, a letter for each; empty if none do.
        heads: What each line begins with; empty if that is free.
        examples: The lines that the prompt shows, which a small model likes to give back.
    """

    form: EnglishForm
    size: int
    scheme: str
    heads: str
    examples: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    turn: str = ""

    def span(self, at: int) -> Span:
        """Return how many syllables to aim at."""
        return self.form.span(at) or _ANY

    def rhyme_words(self, at: int) -> list[str]:
        """Return the words that a line should end with; none if it is free in this."""
        if not self.scheme:
            return []
        others = self._partners(at)
        words = rhyming(last_word(self.lines[others[0]])) if others else ()
        used = {last_word(line) for index, line in enumerate(self.lines) if index != at}
        return [word for word in words if word not in used | _NO_ENDINGS]

    def is_awaited(self, at: int) -> bool:
        """Return whether a later line has to rhyme with this one, and none has been written that settles how."""
        return bool(self.scheme) and not self._partners(at) and self.scheme[at] in self.scheme[at + 1 :]

    def _partners(self, at: int) -> list[int]:
        later = [index for index in range(at + 1, len(self.lines)) if self.scheme[index] == self.scheme[at] != "x"]
        return partners(self.scheme, at) + later


def write_english(brief: Brief, form: str) -> Flow:
    """Write a poem in one of the English forms.

    Raises:
        UsageProblem: if the options do not suit the form.
    """
    poem = _begin(brief, form)
    template = ENGLISH[form].template
    if form == "free":
        return (yield from _free(brief, template))
    variables = {"input": brief.topic}
    if form in ("couplets", "acrostic"):
        variables["lines"] = str(poem.size)
    if poem.heads:
        variables["heads"] = poem.heads
    tool = pen(brief, template, variables, _CANDIDATES)
    poem.examples = lines_of(tool.examples())
    for at in range(poem.size):
        yield Report(at, poem.size)
        yield from _write_line(tool, poem, at)
    options = {**brief.options, "form": form, "head": poem.heads or None}
    for _ in range(_REPAIRS):
        faulty = [at for at in range(poem.size) if not _line_fits(poem, at, poem.lines[at])]
        if not faulty:
            break
        for at in faulty:
            yield from _write_line(tool, poem, at, more=2)
    text = "\n".join(poem.lines)
    return Artifact("poem", brief.topic, text, check_poem(text, options, brief.language), turn=poem.turn)


def _begin(brief: Brief, form: str) -> _Poem:
    rules = ENGLISH[form]
    heads = ""
    if form == "acrostic":
        heads = "".join(filter(str.isalpha, str(brief.options["head"] or brief.topic))).upper()
        if len(heads) not in _HEADS or not heads.isascii():
            raise UsageProblem(detail=say("no-heads", brief.language))
    size = rules.lines or len(heads) or int(str(brief.options["lines"] or _DEFAULT_LINES))
    return _Poem(rules, size, full_scheme(rules.schemes[0], size) if rules.schemes else "", heads)


def _write_line(tool: Pen, poem: _Poem, at: int, more: int = 1) -> Writing:
    """Draw one line and put the best draft into its place, unless what stands there is better."""
    endings = poem.rhyme_words(at)
    span, head = poem.span(at), poem.heads[at : at + 1]
    before = "".join(f"{line}\n" for line in poem.lines[:at])
    drafts: list[Completion] = list(
        (
            yield from tool.draw(
                before,
                grammar=line_grammar(span, head, endings),
                tokens=span[1] * _TOKENS_PER_SYLLABLE,
                label=f"{at + 1}/{poem.size}",
                kept=at == poem.size - 1,
                more=more,
                stop="\n",
            )
        )
    )
    others = [line for index, line in enumerate(poem.lines) if index != at] + poem.examples
    best = max(drafts, key=lambda draft: (*_merits(poem, at, _tidy(draft.text)), _appeal(draft, others)))
    line = _tidy(best.text)
    if at == len(poem.lines):
        poem.lines.append(line)
    elif _merits(poem, at, line) > _merits(poem, at, poem.lines[at]):
        poem.lines[at] = line
    if at == poem.size - 1 and poem.lines[at] == line:
        poem.turn = best.turn


def _merits(poem: _Poem, at: int, line: str) -> tuple[bool, bool, bool, int]:
    """Return what makes one line better than another, before how likely they are."""
    are_words = all(is_known(word) for word, _, _ in words_of(line))
    return _line_fits(poem, at, line), are_words, last_word(line) not in _NO_ENDINGS, -_miss(poem, at, line)


def _appeal(draft: Completion, lines: Sequence[str]) -> float:
    """Prefer what is likely and does not say again what the other lines say."""
    return appeal(draft, _runs(draft.text), [run for line in lines for run in _runs(line)])


def _runs(line: str) -> list[tuple[str, ...]]:
    """Return the runs of two words in a line."""
    words = [word for word, _, _ in words_of(line)]
    return list(itertools.pairwise(words))


def _line_fits(poem: _Poem, at: int, line: str) -> bool:
    words = words_of(line)
    if not words or syllable_faults(at, line, poem.form, "en"):
        return False
    if any(_runs(line) == _runs(other) for other in poem.lines[:at] + poem.examples):
        return False
    endings = poem.rhyme_words(at)
    return (not endings or words[-1][0] in endings) and _is_rhymable(poem, at, line)


def _is_rhymable(poem: _Poem, at: int, line: str) -> bool:
    """A line that others have to rhyme with must end with a word that can be rhymed, and not used already."""
    if not poem.is_awaited(at):
        return True
    word = last_word(line)
    used = {last_word(other) for index, other in enumerate(poem.lines) if index != at}
    return is_known(word) and word not in used and word not in _NO_ENDINGS and len(rhyming(word)) >= _FEWEST_RHYMES


def _miss(poem: _Poem, at: int, line: str) -> int:
    fewest, most = poem.span(at)
    found = usual_syllables(line)
    return max(fewest - found, found - most, 0)


def _tidy(text: str) -> str:
    """Return one line, with a capital letter at its beginning."""
    line = " ".join(text.split())
    return line[:1].upper() + line[1:]


def _free(brief: Brief, template: str) -> Flow:
    """Write a poem without a form: the likeliest of a few drafts."""
    prompt = brief.fill(template, {"input": brief.topic, "lines": str(brief.options["lines"] or _DEFAULT_LINES * 2)})
    request = Request(
        prompt.messages,
        sampling_of(prompt),
        max_tokens=prompt.max_tokens,
        candidates=brief.candidates or _FREE_CANDIDATES,
        logprobs=True,
    )
    drafts = yield Complete(request, "draft")
    best = max(drafts, key=likelihood)
    text = best.text.strip()
    return Artifact("poem", brief.topic, text, check_poem(text, {"form": "free"}, brief.language), turn=best.turn)
