"""The result of one request, as ``--json`` prints it and as scripts rely on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from aigc_cli.core.events import EngineEvent, FinishReason, TurnSaved
from aigc_cli.core.text import Notice


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the answers to a prompt. ``id`` is its turn, or empty if nothing was saved."""

    id: str
    text: str
    finish_reason: FinishReason
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request came to; the fields that are not lists describe the first candidate.

    ``gpu_layers`` says how many layers of the model ran on a GPU.
    """

    id: str
    conversation: str
    model: str
    adapter: str
    text: str
    finish_reason: FinishReason
    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int
    ttft_ms: float
    tokens_per_second: float
    seed: int
    candidates: tuple[Candidate, ...]
    gpu_layers: int = 0
    learned_from: tuple[str, ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True)
class Answered:
    """The last event of every request that was answered."""

    answer: Answer


Event: TypeAlias = EngineEvent | TurnSaved | Notice | Answered
