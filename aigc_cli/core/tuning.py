"""Adapters that were trained on votes, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Method = Literal["sft", "kto", "dpo", "reward", "grpo", "rloo"]
Wanted = Literal["auto", "sft", "kto", "dpo", "reward", "grpo", "rloo"]
State = Literal["unfinished", "passed", "refused", "imported"]


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter of the user's.

    Attributes:
        name: Chosen by the user, or made from the method.
        created: UTC, ISO 8601 with milliseconds.
        model: The alias of the model that it was trained for.
        model_sha256: Of that model's file.
        method: What was asked for, such as "auto"; "import" for an adapter from elsewhere.
        generator: The generator whose votes it learned from; empty for all votes.
        state: "refused" is what did not pass the gate.
        card: How it was made: recipe, data, seeds, versions, licence of the model; as JSON.
        gate: What the gate found; empty before.
        proof: What the last evaluation found; empty before.
    """

    name: str
    created: str
    model: str
    model_sha256: str
    method: str
    generator: str = ""
    state: State = "unfinished"
    card: Mapping[str, Any] = field(default_factory=dict)
    gate: Mapping[str, Any] = field(default_factory=dict)
    proof: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InUse:
    """The adapter that answers with a model, and at which strength."""

    name: str
    scale: float
