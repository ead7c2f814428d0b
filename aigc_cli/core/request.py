"""What is asked of an engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aigc_cli.core.message import Message


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn. A value that switches its sampler off is named beside it.

    The defaults keep a small model from looping without keeping it from repeating what it must, such as names.

    Attributes:
        temperature: 0 is greedy.
        top_k: Off at 0.
        top_p: Off at 1. Holtzman et al. 2019, https://arxiv.org/abs/1904.09751.
        min_p: Off at 0. Nguyen et al. 2024, https://arxiv.org/abs/2407.01082.
        repeat_penalty: Off at 1; counted over the last ``repeat_last_n`` tokens.
        repeat_last_n: Tokens that penalties look back over; -1 is the whole context.
        frequency_penalty: Off at 0.
        presence_penalty: Off at 0.
        dry_multiplier: "Don't repeat yourself" sampler, off at 0.
        xtc_probability: "Exclude top choices" sampler, off at 0.
        xtc_threshold: Probability above which a token counts as a top choice.
        logit_bias: Token id to a number added to its logit; minus infinity forbids it.
        seed: None draws one; the one that was drawn is reported with the answer.
    """

    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.1
    repeat_last_n: int = 64
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    dry_multiplier: float = 0.0
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    logit_bias: Mapping[int, float] = field(default_factory=dict)
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class AdapterUse:
    """A LoRA adapter file, applied at a strength (1 is as trained, 0 is not at all)."""

    path: Path
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """Complete ``messages``.

    Attributes:
        messages: The conversation so far. If the last one is the assistant's, it is continued.
        max_tokens: New tokens per candidate; None is as many as the context holds.
        stop: An answer ends before the first of these; none of them is ever part of an answer.
        candidates: How many answers to the same prompt; candidate ``i`` draws with ``seed + i``.
        schema: A JSON Schema that the answer must satisfy, enforced while decoding.
        grammar: A GBNF grammar that the answer must satisfy; not together with ``schema``.
        adapters: LoRA adapters to apply, for this request only.
        logprobs: Report the log-probability of every chosen token.
    """

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    candidates: int = 1
    schema: Mapping[str, object] | None = None
    grammar: str | None = None
    adapters: tuple[AdapterUse, ...] = ()
    logprobs: bool = False
