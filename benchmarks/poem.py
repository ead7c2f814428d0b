"""Poems: how often the form is kept, beside prompting alone with as many tokens; and the checker over Tang poems.

Each form is written about the same topics by the generator with its default budget, and by the same prompt alone: whole
poems, drawn until as many tokens are spent, of which the first that passes the check counts, else the likeliest. How
natural the verse is: the mean log-probability of its tokens, given those before them, with nothing said of the topic.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import mean

from aigc_poem import aigc_templates
from aigc_poem.checking import check_poem
from aigc_poem.forms import ENGLISH
from aigc_poem.generator import POEM
from aigc_poem.hanzi import sounds
from aigc_poem.regulated import check_regulated

from aigc_cli.api import Complete, Engine, Finished, OptionValue, Request, TextDelta
from aigc_cli.testing import open_model, play_on
from benchmarks._engine import starter
from benchmarks._poems import tang_poems, topics

_NAMES = {(5, 4): "wujue", (7, 4): "qijue", (5, 8): "wulv", (7, 8): "qilv"}
FORMS = (*_NAMES.values(), "cangtou", "haiku", "limerick", "sonnet")
_ALONE_AT_ONCE = 4
_LONGEST = 400  # tokens of a poem


@dataclass(frozen=True)
class _Verse:
    text: str
    valid: bool
    logprob: float
    tokens: int
    seconds: float


def run(
    poems: int = 50, sonnets: int = 0, alone: int = 0, tang: int = 8000, shown: int = 0
) -> dict[str, dict[str, object]]:
    """Write poems and check others.

    Args:
        poems: How many topics each form is written about, 50 at most; 0 writes none.
        sonnets: How many of them are sonnets, which take longest; 0 is as many as of the others.
        alone: For how many topics of each form prompting alone is tried as well; 0 is for all.
        tang: How many Tang poems are checked, about; 0 checks none.
        shown: How many of those that are rejected under 平水韵 to print, drawn by a fixed seed.
    """
    results: dict[str, dict[str, object]] = {}
    if poems:
        with starter() as path:
            engine = open_model(path)
            for form in FORMS:
                number = sonnets or poems if form == "sonnet" else poems
                results[form] = _compared(engine, form, topics(form)[:number], alone or number)
                print(form, results[form], flush=True)
            engine.close()
    return results | (checked(tang, shown) if tang else {})


def checked(number: int, shown: int = 0) -> dict[str, dict[str, object]]:
    """Check Tang poems by both systems of tones and rhymes."""
    results: dict[str, dict[str, object]] = {}
    rejected: list[str] = []
    for size, found in tang_poems(number).items():
        row: dict[str, object] = {"poems": len(found)}
        for system in ("pingshui", "xinyun"):
            faults = [check_regulated(lines, *size, sounds(system), "zh")[0] for _, lines in found]
            row[f"accepted, {system}, %"] = round(100 * mean(not wrong for wrong in faults), 1)
            if system == "pingshui":
                pairs = [(poem, wrong) for poem, wrong in zip(found, faults, strict=True) if wrong]
                rejected += [f"{who} {'/'.join(lines)} {wrong[0].problem}" for (who, lines), wrong in pairs]
        results[f"Tang, {size[1]} lines of {size[0]}"] = row
    random.Random(7).shuffle(rejected)
    print("\n".join(rejected[:shown]))
    return results


def _compared(engine: Engine, form: str, about: list[str], paired: int) -> dict[str, object]:
    """Return the figures of one form; prompting alone is tried for the first ``paired`` topics."""
    ours, alone = [], []
    for number, topic in enumerate(about):
        mine, asked = _by_generator(engine, form, topic)
        ours.append(mine)
        if number < paired:
            alone.append(_by_prompt(engine, form, topic, mine.tokens, asked))
    return {
        "poems": len(ours),
        "form kept, %": round(100 * mean(verse.valid for verse in ours), 1),
        "logprob": round(mean(verse.logprob for verse in ours), 2),
        "alone: poems": len(alone),
        "alone: form kept, %": round(100 * mean(verse.valid for verse in alone), 1),
        "alone: logprob": round(mean(verse.logprob for verse in alone), 2),
        "tokens": round(mean(verse.tokens for verse in ours)),
        "seconds": round(mean(verse.seconds for verse in ours), 1),
    }


def _options(form: str, topic: str) -> dict[str, OptionValue]:
    return {"form": form, "head": topic if form == "cangtou" else None, "rhymes": "xinyun"}


def _by_generator(engine: Engine, form: str, topic: str) -> tuple[_Verse, Request]:
    """Return what the generator wrote, and the first request it made."""
    started = time.perf_counter()
    language = "en" if form in ENGLISH else "zh"
    made = play_on(
        engine, POEM, topic, options={"form": form}, language=language, seed=1, templates=aigc_templates()[0]
    )
    tokens = sum(event.usage.completion_tokens for event in made.events if isinstance(event, Finished))
    text = made.artifact.text
    valid = check_poem(text, _options(form, topic), "en").valid
    asked = next(step.request for step in made.steps if isinstance(step, Complete))
    seconds = time.perf_counter() - started
    return _Verse(text, valid, _logprob(engine, text), tokens, seconds), asked


def _by_prompt(engine: Engine, form: str, topic: str, budget: int, asked: Request) -> _Verse:
    """Draw whole poems by the same prompt until the budget is spent."""
    drafts: list[tuple[bool, float, str]] = []
    spent, seed = 0, 1
    while spent < budget:
        sampling = replace(asked.sampling, seed=seed)
        request = Request(asked.messages, sampling, _LONGEST, candidates=_ALONE_AT_ONCE, logprobs=True)
        for text, end in _answers(engine, request):
            spent += end.usage.completion_tokens
            likelihood = mean(token.logprob for token in end.logprobs) if end.logprobs else 0.0
            drafts.append((check_poem(text, _options(form, topic), "en").valid, likelihood, text))
        seed += _ALONE_AT_ONCE
    valid, _, text = max(drafts)
    return _Verse(text, valid, _logprob(engine, text), spent, 0.0)


def _answers(engine: Engine, request: Request) -> Iterator[tuple[str, Finished]]:
    texts: dict[int, str] = {}
    for event in engine.generate(request, threading.Event()):
        if isinstance(event, TextDelta):
            texts[event.candidate] = texts.get(event.candidate, "") + event.text
        elif isinstance(event, Finished):
            yield texts.get(event.candidate, ""), event


def _logprob(engine: Engine, text: str) -> float:
    tokens = engine.score(text)
    return mean(token.logprob for token in tokens) if tokens else 0.0
