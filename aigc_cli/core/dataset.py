"""Votes as data to learn from: what was asked, what was answered, and what the user thinks of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from aigc_cli.core.message import Message

DatasetKind = Literal["kto", "dpo", "sft", "reward", "csv"]
Split = Literal["train", "test", "all"]
TEST_FRACTION = 0.15
"""Part of the conversations that is kept for the test, unless another is asked for."""

Row: TypeAlias = dict[str, Any]
"""One line of a dataset; what it holds depends on the kind."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer to a question, and what the user made known of it.

    Attributes:
        turn: Its id.
        whole: It came to its own end; an answer cut at a limit would teach a model to stop there.
        liked: The vote; None if there is none.
        hint: The sum of the weights of what else the user did with it; 0 if nothing.
        about: What is known of the vote and of how the answer came to be; for tables that people read.
    """

    turn: str
    text: str
    whole: bool
    liked: bool | None = None
    hint: float = 0.0
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with those of its answers that the user made anything known of.

    Attributes:
        conversation: Its id.
        prompt: All that the model was shown, the question last; no examples that were added to teach it.
        preferred: Pairs of ids of turns, the better one first, that the user compared.
    """

    conversation: str
    prompt: tuple[Message, ...]
    replies: tuple[Reply, ...]
    preferred: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """What a dataset holds.

    Attributes:
        kind: What its rows are for.
        rows: How many there are.
        counts: Rows by label, where the kind has labels.
        sources: Rows by where they come from: "vote", "comparison" or "hint".
        left_out: How many rows are not there, by the reason.
        redacted: How many things were made unreadable, by what they were.
        conversations: How many conversations the rows come from.
        split: Which part this is.
        test_fraction: The share of conversations that is set apart for tests.
        sha256: Of the rows as JSON Lines, whatever form the file has.
    """

    kind: DatasetKind
    rows: int
    counts: Mapping[str, int]
    sources: Mapping[str, int]
    left_out: Mapping[str, int]
    redacted: Mapping[str, int]
    conversations: int
    split: Split
    test_fraction: float
    sha256: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows to train or test with, in the order in which the answers were given, and what they are."""

    rows: tuple[Row, ...]
    card: DatasetCard
