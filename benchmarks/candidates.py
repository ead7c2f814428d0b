"""Several answers to one question in one batch, against the same answers one after another.

Each candidate draws with a seed of its own, and tokens that would end an answer are forbidden, so that both ways write
equally many. The prompt is evaluated once in both: the engine reuses it from one request to the next.
"""

from __future__ import annotations

from dataclasses import replace
from statistics import median

from aigc_cli.core.message import Message
from aigc_cli.core.request import Request, Sampling
from aigc_cli.engine.llama.engine import LlamaEngine
from aigc_cli.engine.llama.model import load_model
from benchmarks._engine import answer, engine, starter, without_end


def run(n: int = 8, tokens: int = 128, rounds: int = 5, threads: int = 0) -> dict[str, dict[str, object]]:
    """Write ``n`` answers of ``tokens`` tokens both ways, in turn in every round.

    Args:
        n: How many answers.
        tokens: Of each answer.
        rounds: How often, after a round that is not counted.
        threads: 0 is one for each core that may be used.
    """
    with starter() as path, engine(path, threads) as asked:
        model = load_model(path, None, print)
        sampling = Sampling(temperature=1, seed=1, logit_bias=without_end(model))
        model.close()
        request = Request((Message("user", "Tell me a joke."),), sampling, max_tokens=tokens)
        ways = (_apart, _at_once)
        taken = [[way(asked, request, n) for way in ways] for _ in range(rounds + 1)]
    apart, batch = zip(*taken[1:], strict=True)
    ratios = [a / b for a, b in zip(batch, apart, strict=True)]
    return {
        "one after another": {"tokens/s": round(median(apart), 1), "ratio": 1.0},
        "in one batch": {"tokens/s": round(median(batch), 1), "ratio": round(median(ratios), 2)},
    }


def _apart(asked: LlamaEngine, request: Request, n: int) -> float:
    answers = [
        answer(asked, replace(request, sampling=replace(request.sampling, seed=seed))) for seed in range(1, n + 1)
    ]
    return sum(one.tokens for one in answers) / sum(one.seconds for one in answers)


def _at_once(asked: LlamaEngine, request: Request, n: int) -> float:
    batch = answer(asked, replace(request, candidates=n))
    return batch.tokens / batch.seconds
