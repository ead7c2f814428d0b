"""Several answers to one question in one batch, against as many requests one after another.

A request by itself evaluates the prompt each time; the engine reuses what the last request evaluated, so that it is
also measured what the batch gains beyond that. Each candidate draws with a seed of its own, and tokens that would end
an answer are forbidden, so that all ways write equally many. The gain grows with the prompt, hence two lengths.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import median

from aigc_cli.core.message import Message
from aigc_cli.core.request import Request, Sampling
from aigc_cli.engine.llama.engine import LlamaEngine
from aigc_cli.engine.llama.model import load_model
from benchmarks._engine import answer, conversation, engine, starter, without_end

Way = Callable[[LlamaEngine, Request, int], float]


def run(
    n: int = 8, tokens: int = 128, short: int = 40, long: int = 300, rounds: int = 3, threads: int = 0
) -> dict[str, dict[str, object]]:
    """Write ``n`` answers of ``tokens`` tokens in every way, in turn in every round.

    Args:
        n: How many answers.
        tokens: Of each answer.
        short: Tokens of the short prompt, about.
        long: Tokens of the long prompt, about.
        rounds: How often, after a round that is not counted.
        threads: 0 is one for each core that may be used; with 1 the time of the processor counts.
    """
    results: dict[str, dict[str, object]] = {}
    with starter() as path, engine(path, threads) as asked:
        model = load_model(path, None, print)
        sampling = Sampling(temperature=1, seed=1, logit_bias=without_end(model))
        model.close()
        for length in (short, long):
            messages = conversation(length, asked, length)
            request = Request(messages, sampling, max_tokens=tokens)
            prompt = asked.count(messages)
            taken = [[way(asked, request, n) for way in WAYS.values()] for _ in range(rounds + 1)]
            for name, rates in zip(WAYS, zip(*taken[1:], strict=True), strict=True):
                ratios = [mine / base for mine, base in zip(rates, (row[0] for row in taken[1:]), strict=True)]
                key = f"prompt of {prompt} tokens, {name}"
                results[key] = {"tokens/s": round(median(rates), 1), "ratio": round(median(ratios), 2)}
    return results


def _afresh(asked: LlamaEngine, request: Request, n: int) -> float:
    """Return the rate of requests that find nothing to reuse."""
    return _apart(asked, request, n, lambda: answer(asked, Request((Message("system", "x"),), max_tokens=1)))


def _reusing(asked: LlamaEngine, request: Request, n: int) -> float:
    return _apart(asked, request, n, lambda: None)


def _at_once(asked: LlamaEngine, request: Request, n: int) -> float:
    batch = answer(asked, replace(request, candidates=n))
    return batch.tokens / batch.seconds


def _apart(asked: LlamaEngine, request: Request, n: int, before: Callable[[], object]) -> float:
    answers = []
    for seed in range(1, n + 1):
        before()  # its time is not counted
        answers.append(answer(asked, replace(request, sampling=replace(request.sampling, seed=seed))))
    return sum(one.tokens for one in answers) / sum(one.seconds for one in answers)


WAYS: dict[str, Way] = {
    "one request after another": _afresh,
    "the same, reusing the prompt": _reusing,
    "one batch": _at_once,
}
