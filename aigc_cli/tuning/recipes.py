"""Which trainers to run over which votes, for how long, and what that costs.

The rates and lengths are those at which the starter model learned and kept what it could; docs/tuning.md has the runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aigc_cli.core.errors import TooFewVotes
from aigc_cli.core.text import N_, Notice
from aigc_cli.core.tuning import Wanted
from aigc_cli.tuning.job import Stage

FEWEST_LIKED = 20
"""Liked answers below which a model learns them by heart and little else."""
FEWEST_VOTES = 100
"""Votes, of both kinds, from which on the disliked answers teach more than they harm."""
FEWEST_OF_A_KIND = 10
FEWEST_PAIRS = 20

_BATCH = 4
_MOST_STEPS = 60
_MOST_SFT_STEPS = 300
_LONGEST_ANSWER = 64

_COST: Mapping[str, float] = {"sft": 1.0, "kto": 1.7, "dpo": 3.0, "reward": 2.0, "grpo": 14.0, "rloo": 14.0}
"""Work for one token of a row beside that of SFT: other passes, the same passes over two answers, or writing them."""
_FLOPS = 6.0  # per weight and token of SFT: forward, and back to the adapter
_USUAL_RATE = 2e11  # floating-point operations a second; two cores of a server with AVX-512
_OVERHEAD = 25.0  # seconds: importing, loading, converting
_WEIGHT = 4  # bytes
_RUNTIME = 1.3e9  # bytes: libraries and what they need to start
_ACTIVATIONS = 3.0  # copies of the logits of a batch


@dataclass(frozen=True, slots=True)
class Data:
    """How much there is to learn from, without what is held back.

    Attributes:
        pairs: Of a better and a worse answer to one question.
        preferences: Those, and liked answers set against disliked ones to other questions.
        prompts: Different questions.
    """

    liked: int
    disliked: int
    pairs: int
    preferences: int
    prompts: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds and bytes that a training will take on this machine; ``measured`` if a run here says so."""

    seconds: float
    memory: float
    measured: bool


def stages(wanted: Wanted, data: Data) -> tuple[Stage, ...]:
    """Return what to do for a method.

    Raises:
        TooFewVotes: if there is too little for it.
    """
    if wanted == "auto":
        return _auto(data)
    _require(wanted, data)
    if wanted == "sft":
        return (_sft(data),)
    if wanted == "kto":
        return (_kto(data, 5e-4),)
    if wanted == "dpo":
        return (_dpo(data),)
    reward = Stage("reward", data.preferences, min(_MOST_STEPS, _epochs(data.preferences, 1)), 1e-3)
    if wanted == "reward":
        return (reward,)
    policy = Stage(wanted, data.prompts, 30, 1e-4, batch=16, beta=0.05, longest_answer=_LONGEST_ANSWER)
    return (reward, _sft(data), policy) if data.liked >= FEWEST_LIKED else (reward, policy)


def _auto(data: Data) -> tuple[Stage, ...]:
    if data.liked < FEWEST_LIKED:
        text = N_(
            "{count} liked answers, and training begins at {fewest}; until then your votes choose among candidates"
        )
        raise TooFewVotes(detail=Notice(text, {"count": data.liked, "fewest": FEWEST_LIKED}))
    chosen = [_sft(data)]
    if data.liked + data.disliked >= FEWEST_VOTES and data.disliked >= FEWEST_OF_A_KIND:
        chosen.append(_kto(data, 2e-4))
    if data.pairs >= FEWEST_PAIRS:
        chosen.append(_dpo(data))
    return tuple(chosen)


def _require(wanted: Wanted, data: Data) -> None:
    if wanted == "sft" and data.liked < FEWEST_LIKED:
        text = N_("{count} liked answers of {fewest}")
        raise TooFewVotes(detail=Notice(text, {"count": data.liked, "fewest": FEWEST_LIKED}))
    if wanted == "kto" and min(data.liked, data.disliked) < FEWEST_OF_A_KIND:
        text = N_("{liked} liked and {disliked} disliked answers, of {fewest} each")
        params = {"liked": data.liked, "disliked": data.disliked, "fewest": FEWEST_OF_A_KIND}
        raise TooFewVotes(detail=Notice(text, params))
    pairs = data.pairs if wanted == "dpo" else data.preferences
    if wanted not in ("sft", "kto") and pairs < FEWEST_PAIRS:
        text = N_("{count} pairs of a better and a worse answer, of {fewest}")
        raise TooFewVotes(detail=Notice(text, {"count": pairs, "fewest": FEWEST_PAIRS}))


def _sft(data: Data) -> Stage:
    return Stage("sft", data.liked, min(_MOST_SFT_STEPS, _epochs(data.liked, 2)), 1e-3)


def _kto(data: Data, rate: float) -> Stage:
    rows = data.liked + data.disliked
    return Stage("kto", rows, min(_MOST_STEPS, _epochs(rows, 1)), rate, loss=("apo_zero_unpaired",))


def _dpo(data: Data) -> Stage:
    return Stage("dpo", data.pairs, min(_MOST_STEPS, _epochs(data.pairs, 1)), 1e-4, loss=("sigmoid", "sft"))


def _epochs(rows: int, count: int) -> int:
    return -(-rows * count // _BATCH)


def work(chosen: Sequence[Stage], row_tokens: int, parameters: int) -> float:
    """Return roughly how many floating-point operations the stages take, for rows of so many tokens."""
    per_token = _FLOPS * parameters
    return sum(stage.steps * stage.batch * row_tokens * _COST[stage.method] * per_token for stage in chosen)


def estimate(
    chosen: Sequence[Stage], row_tokens: int, parameters: int, vocabulary: int, rate: float | None = None
) -> Estimate:
    """Return what the stages will take.

    Args:
        chosen: What to do.
        row_tokens: Tokens of a prompt with its answer, on average.
        parameters: Weights of the model.
        vocabulary: Tokens that the model knows.
        rate: Operations a second of an earlier run on this machine, as `work` counts them.
    """
    batch = max((stage.batch for stage in chosen), default=0)
    memory = _RUNTIME + _WEIGHT * (parameters + _ACTIVATIONS * batch * row_tokens * vocabulary)
    if any(stage.method in ("grpo", "rloo") for stage in chosen):
        memory += _WEIGHT * parameters
    seconds = _OVERHEAD + work(chosen, row_tokens, parameters) / (rate or _USUAL_RATE)
    return Estimate(seconds, memory, rate is not None)
