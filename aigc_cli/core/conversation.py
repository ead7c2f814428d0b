"""Conversations as they are kept: a tree of turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from aigc_cli.core.events import FinishReason
from aigc_cli.core.message import Role

Status = Literal["complete", "streaming", "interrupted", "failed"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation with everything that is known of how it came to be.

    Attributes:
        id: Sortable; see `aigc_cli.core.ids`.
        conversation: The id of the conversation it belongs to.
        parent: The id of the turn it answers or follows; None for the first. Siblings share a parent.
        created: UTC, ISO 8601 with milliseconds.
        status: "streaming" is an answer still being written, or one whose program was killed.
        template: Name and version of the prompt template, such as "summarize.zh@1"; empty if none.
        parameters: The sampling settings that differ from the defaults.
    """

    id: str
    conversation: str
    parent: str | None
    role: Role
    text: str
    created: str
    status: Status = "complete"
    finish_reason: FinishReason | None = None
    model: str = ""
    adapter: str = ""
    template: str = ""
    generator: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    seed: int | None = None
    prompt_tokens: int | None = None
    reused_tokens: int | None = None
    completion_tokens: int | None = None
    ttft_ms: float | None = None
    tokens_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a list of conversations shows of one.

    Attributes:
        title: As given, or else the beginning of the first question.
        created: UTC, ISO 8601 with milliseconds.
        updated: When its newest turn was added.
        turns: How many there are, on all branches.
    """

    id: str
    title: str
    created: str
    updated: str
    turns: int


@dataclass(frozen=True, slots=True)
class ForeignConversation:
    """A conversation from outside the history, such as one that another program kept.

    Attributes:
        source: The program; with the id of a turn it names that turn for good.
        title: May be empty.
        created: As `Turn.created`, as far as it is known.
        turns: Their ids and parents are the source's own.
        skipped: How many entries could not be read.
    """

    source: str
    title: str
    created: str
    turns: Sequence[Turn] = ()
    skipped: int = 0
