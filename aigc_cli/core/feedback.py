"""What users say of answers: votes, and which of two they prefer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Vote = Literal[1, -1]
PairOrigin = Literal["duel", "retry", "edit", "correction"]
SignalKind = Literal["copied", "saved", "retried", "interrupted", "edited"]


@dataclass(frozen=True, slots=True)
class Rating:
    """A vote on an answer; there is one at most for each.

    Attributes:
        turn: The answer.
        value: 1 for thumbs-up, -1 for thumbs-down.
        reasons: Tags, such as "too-long"; those of the generator, or the user's own.
        note: The user's own words; may be empty.
        created: UTC, ISO 8601 with milliseconds; that of the last change.
    """

    turn: str
    value: Vote
    reasons: tuple[str, ...]
    note: str
    created: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to the same question, of which the user prefers one.

    Attributes:
        chosen: The id of the turn that is preferred.
        rejected: The id of the other turn; both have the same parent.
        origin: How this became known.
        created: UTC, ISO 8601 with milliseconds.
    """

    id: str
    chosen: str
    rejected: str
    origin: PairOrigin
    created: str


@dataclass(frozen=True, slots=True)
class Signal:
    """Something the user did with an answer that hints at what they think of it; never a vote.

    Attributes:
        weight: From -1 (probably dislikes it) to 1 (probably likes it).
        created: UTC, ISO 8601 with milliseconds.
    """

    turn: str
    kind: SignalKind
    weight: float
    created: str
