"""What happens while an engine or a service works, in the order in which it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

FinishReason = Literal["stop", "length", "interrupted", "error"]


@dataclass(frozen=True, slots=True)
class PromptProgress:
    """``done`` of ``total`` prompt tokens are evaluated; sent for prompts long enough to wait for."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text of one candidate: whole characters, never part of a stop string."""

    candidate: int
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. ``reused_tokens`` of the ``prompt_tokens`` were not evaluated again."""

    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds from the request to the first token, and the rate of the tokens after it."""

    ttft_ms: float
    tokens_per_second: float


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One chosen token and the natural logarithm of its probability before any sampler changed it."""

    token: int
    text: str
    logprob: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A candidate is complete; no more of its text follows."""

    candidate: int
    reason: FinishReason
    usage: Usage
    timing: Timing
    seed: int
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnSaved:
    """A turn is in the database. Sent for the question, then for each candidate before its first text."""

    turn: str
    conversation: str
    candidate: int | None


EngineEvent: TypeAlias = PromptProgress | TextDelta | Finished
