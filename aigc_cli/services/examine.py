"""An adapter put to the test in llama.cpp: what it answers to questions that were held back."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

from aigc_cli.core.engine import Engine
from aigc_cli.core.events import Finished, TextDelta, TokenLogprob
from aigc_cli.core.message import Message
from aigc_cli.core.request import AdapterUse, Request, Sampling
from aigc_cli.tuning.gate import NEUTRAL_LIMIT, Facts, Said, Verdict, judge

QUESTIONS = 20
"""Held-out questions that are asked; where the votes have fewer, everyday ones are added."""
LONGEST = 128  # tokens of an answer
FULL = 1.0

_STRENGTHS = (FULL, 0.75, 0.5)
_VOTES = 40  # unseen votes that are scored, and as many liked answers
_STRIDE = 7  # questions to the next one that an answer is held against
_OTHERS = 1  # questions that an answer should fit less well than its own
_GREEDY = Sampling(temperature=0.0)

Prompt: TypeAlias = tuple[Message, ...]
Vote: TypeAlias = tuple[Prompt, str, bool]


@dataclass(frozen=True, slots=True)
class Examining:
    """``done`` of ``total`` pieces of the examination are done."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an adapter is examined with; none of it but ``liked`` was trained on.

    Attributes:
        questions: Prompts of votes that were held back.
        votes: Those votes.
        liked: Liked answers of the training, with their prompts.
        fidelity: As in `aigc_cli.tuning.gate.Facts`.
    """

    questions: Sequence[Prompt]
    votes: Sequence[Vote]
    liked: Sequence[tuple[Prompt, str]]
    fidelity: float | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """The verdict, and the answers it rests on: of the model alone and with the adapter, to the same questions."""

    verdict: Verdict
    base: tuple[Said, ...]
    tuned: tuple[Said, ...]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        answers = [
            {"question": one.prompt[-1].content, "base": one.text, "adapter": other.text}
            for one, other in zip(self.base, self.tuned, strict=True)
        ]
        return {**self.verdict.plain(), "answers": answers}


def examine(engine: Engine, adapter: AdapterUse, evidence: Evidence) -> Generator[Examining, None, Examined]:
    """Ask the questions with and without ``adapter`` and return the judgement; raises `EngineError`."""
    questions = [*evidence.questions, *map(_question, everyday_questions())][:QUESTIONS]
    votes, liked = evidence.votes[:_VOTES], evidence.liked[:_VOTES]
    steps = map(Examining, itertools.count(), itertools.repeat(2 * len(questions) + len(votes) + len(liked)))
    said: dict[bool, list[Said]] = {False: [], True: []}
    for number in range(len(questions)):
        for tuned in (False, True):
            yield next(steps)
            said[tuned].append(_ask(engine, questions, number, (adapter,) if tuned else ()))
    raised = []
    for prompt, text, likes in votes:
        yield next(steps)
        raised.append((_mean(engine.score(text, prompt, (adapter,))) - _mean(engine.score(text, prompt)), likes))
    surprises = []
    for prompt, text in liked:
        yield next(steps)
        surprises.append(-_mean(engine.score(text, prompt)))
    yield next(steps)
    perplexity = (_perplexity(engine, ()), _perplexity(engine, (adapter,)))
    base, with_adapter = tuple(said[False]), tuple(said[True])
    verdict = judge(base, with_adapter, Facts(perplexity, evidence.fidelity, surprises, raised))
    return Examined(verdict, base, with_adapter)


def gentle_strength(engine: Engine, adapter: Path) -> float:
    """Return the greatest strength, of a few, at which an adapter forgets no more than is allowed; 1 if none does.

    Interpolating between a model and its tuned self trades what was learned for what is forgotten, mostly at a gain:
    Wortsman et al. 2022, https://arxiv.org/abs/2109.01903.
    """
    alone = _perplexity(engine, ())
    for strength in _STRENGTHS:
        if _perplexity(engine, (AdapterUse(adapter, strength),)) <= NEUTRAL_LIMIT * alone:
            return strength
    return FULL


def neutral_text() -> str:
    """Return a text about nothing in particular, on which a model is held against itself."""
    return (files("aigc_cli.tuning") / "texts" / "neutral.txt").read_text(encoding="utf-8")


@cache
def everyday_questions() -> tuple[str, ...]:
    """Return questions for where votes have not enough of their own."""
    text = (files("aigc_cli.tuning") / "texts" / "questions.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


def answer(
    engine: Engine, prompt: Prompt, adapters: tuple[AdapterUse, ...], sampling: Sampling = _GREEDY
) -> tuple[str, str]:
    """Return what is answered to ``prompt``, and how the answer ended."""
    request = Request(prompt, sampling, LONGEST, adapters=adapters)
    text, finish = "", "stop"
    for event in engine.generate(request, threading.Event()):
        if isinstance(event, TextDelta):
            text += event.text
        elif isinstance(event, Finished):
            finish = event.reason
    return text.strip(), finish


def _ask(engine: Engine, questions: Sequence[Prompt], number: int, adapters: tuple[AdapterUse, ...]) -> Said:
    prompt = questions[number]
    text, finish = answer(engine, prompt, adapters)
    if not text:
        return Said(prompt, text, finish, None, on_topic=False)
    own = _mean(engine.score(text, prompt))
    others = [questions[(number + _STRIDE * (other + 1)) % len(questions)] for other in range(_OTHERS)]
    strange = [_mean(engine.score(text, other)) for other in others if other != prompt]
    return Said(prompt, text, finish, -own, on_topic=own > max(strange, default=-math.inf))


def _perplexity(engine: Engine, adapters: tuple[AdapterUse, ...]) -> float:
    return math.exp(-_mean(engine.score(neutral_text(), (), adapters)))


def _question(text: str) -> Prompt:
    return (Message("user", text),)


def _mean(scores: Sequence[TokenLogprob]) -> float:
    return sum(score.logprob for score in scores) / len(scores) if scores else 0.0
