"""What users say of answers: votes, and which of two they prefer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Vote = Literal[1, -1]
PairOrigin = Literal["duel", "retry", "correction", "import"]
SignalKind = Literal["copied", "saved", "retried", "interrupted", "edited"]
Outcome = Literal["first", "second", "tie", "both-bad"]
OUTCOMES: tuple[Outcome, ...] = ("first", "second", "tie", "both-bad")

REASONS: Mapping[str, Mapping[str, str]] = {
    "too-long": {"en": "too long", "zh": "太长"},
    "too-short": {"en": "too short", "zh": "太短"},
    "wrong": {"en": "not true, or not right", "zh": "有错"},
    "off-topic": {"en": "not what was asked", "zh": "答非所问"},
    "unclear": {"en": "hard to understand", "zh": "看不懂"},
    "dull": {"en": "without life", "zh": "平淡"},
    "wrong-language": {"en": "in the wrong language", "zh": "语言不对"},
    "concise": {"en": "as short as it can be", "zh": "简洁"},
    "correct": {"en": "true, and right", "zh": "正确"},
    "clear": {"en": "easy to understand", "zh": "清楚"},
    "useful": {"en": "of use", "zh": "有用"},
    "vivid": {"en": "full of life", "zh": "生动"},
}
"""Why one may like or dislike any answer, by tag and language; a generator adds its own."""

SIGNAL_WEIGHTS: Mapping[SignalKind, float] = {
    "copied": 0.5,
    "saved": 0.6,
    "retried": -0.4,
    "interrupted": -0.3,
    "edited": -0.2,
}
"""How much doing something with an answer says of it, from -1 (probably dislikes it) to 1 (probably likes it)."""


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
        origin: How this became known: by a duel, by a thumbs-up for the answer that took the place of another, or
            because the user wrote what the answer should have been; or from a dataset that was imported.
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


@dataclass(frozen=True, slots=True)
class Duel:
    """Two answers to the same question, shown without saying which is whose, and what the user thought of them.

    Attributes:
        first: The id of the turn that was shown first, or on the left.
        second: The id of the other turn.
        outcome: None as long as the user has not chosen.
        created: UTC, ISO 8601 with milliseconds.
    """

    id: str
    first: str
    second: str
    outcome: Outcome | None
    created: str


@dataclass(frozen=True, slots=True)
class Side:
    """How one answer of a duel came about; the fields are those of `Turn`."""

    model: str
    adapter: str
    template: str
    parameters: Mapping[str, object]

    @property
    def settings(self) -> dict[str, str]:
        """Everything that is not as usual, the model first."""
        known = {"model": self.model, "adapter": self.adapter, "template": self.template}
        return {key: str(value) for key, value in {**known, **self.parameters}.items() if value not in ("", None)}


@dataclass(frozen=True, slots=True)
class Tally:
    """Votes of one day on answers that came about in the same way; empty strings stand for none.

    Attributes:
        template: Name and version, as `Turn.template`.
        day: UTC, YYYY-MM-DD.
        liked: How many thumbs-up.
        disliked: How many thumbs-down.
    """

    generator: str
    template: str
    model: str
    adapter: str
    day: str
    liked: int
    disliked: int


@dataclass(frozen=True, slots=True)
class Needs:
    """What a way to learn needs before it is worth trying; numbers below which it has nothing to learn from.

    Attributes:
        liked: Answers with a thumbs-up.
        disliked: Answers with a thumbs-down.
        votes: Both together.
        pairs: Answers of which one is preferred to another.
    """

    liked: int = 0
    disliked: int = 0
    votes: int = 0
    pairs: int = 0

    def missing(self, liked: int, disliked: int, pairs: int) -> Needs:
        """Return how much more it takes than there is; `Needs()` if that is enough."""
        return Needs(
            max(self.liked - liked, 0),
            max(self.disliked - disliked, 0),
            max(self.votes - liked - disliked, 0),
            max(self.pairs - pairs, 0),
        )


NEEDS: Mapping[str, Needs] = {
    "few-shot": Needs(liked=1),
    "ranker": Needs(liked=10, disliked=10),
    "sft": Needs(liked=20),
    "kto": Needs(liked=20, disliked=20, votes=100),
    "dpo": Needs(pairs=50),
}
"""The ways to learn, the one that needs least first: examples in the prompt, a ranker of candidates, and tuning."""
