"""How fast an engine is on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from aigc_cli.core.engine import Engine
from aigc_cli.core.events import Finished
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request, Sampling

RUNS = 3
PROMPT_TOKENS = 512
ANSWER_TOKENS = 128

_SENTENCE = "Item {number} weighs {weight} kg and costs {price} euros."
_TASK = "Write a very long story in which all of these things are lost and found again, one after the other."


@dataclass(frozen=True, slots=True)
class Speed:
    """Medians over some runs. A rate is None where the engine gives no time to compute it from.

    Attributes:
        prompt_tokens: Tokens of the prompt.
        completion_tokens: Tokens of the answer; fewer than were asked for where the model ended it.
        first_token_ms: From the request to the first token.
        prompt_tokens_per_second: Prompt tokens evaluated by the time from the request to the first token.
        tokens_per_second: Rate of the tokens after the first.
    """

    prompt_tokens: int
    completion_tokens: int
    first_token_ms: float
    prompt_tokens_per_second: float | None
    tokens_per_second: float | None


def measure(engine: Engine, cancel: threading.Event) -> Speed | None:
    """Answer a question once to warm up and `RUNS` times to measure; None if ``cancel`` is set before the end.

    Every question begins differently, so that nothing of it is reused.

    Raises:
        EngineError: if the engine fails.
    """
    sentences = _sentences(engine)
    ends = []
    for run in range(RUNS + 1):
        request = Request(_question(run, sentences), Sampling(seed=run), max_tokens=ANSWER_TOKENS)
        ends += [event for event in engine.generate(request, cancel) if isinstance(event, Finished)]
        if cancel.is_set():
            return None
    return _medians(ends[1:])


def _sentences(engine: Engine) -> list[str]:
    """Return what makes a question of `PROMPT_TOKENS` tokens or a few more, or of half a small context."""
    sentences: list[str] = []
    wanted = min(PROMPT_TOKENS, engine.info().context // 2)
    while engine.count(_question(0, sentences)) < wanted:
        number = len(sentences)
        sentences.append(_SENTENCE.format(number=number, weight=number * 7 % 101, price=number * 37 % 89))
    return sentences


def _question(run: int, sentences: list[str]) -> tuple[Message, ...]:
    return Message("system", f"Story {run}."), Message("user", " ".join([*sentences, _TASK]))


def _medians(ends: list[Finished]) -> Speed:
    return Speed(
        prompt_tokens=round(median(end.usage.prompt_tokens for end in ends)),
        completion_tokens=round(median(end.usage.completion_tokens for end in ends)),
        first_token_ms=median(end.timing.ttft_ms for end in ends),
        prompt_tokens_per_second=_median(map(_prompt_rate, ends)),
        tokens_per_second=_median(end.timing.tokens_per_second for end in ends),
    )


def _prompt_rate(end: Finished) -> float:
    evaluated = end.usage.prompt_tokens - end.usage.reused_tokens
    return 1000 * evaluated / end.timing.ttft_ms if end.timing.ttft_ms else 0.0


def _median(rates: Iterable[float]) -> float | None:
    known = [rate for rate in rates if rate > 0]
    return median(known) if known else None
