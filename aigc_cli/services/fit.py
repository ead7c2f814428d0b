"""Making a conversation fit the context, and saying what that takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from aigc_cli.core.engine import Engine
from aigc_cli.core.errors import ContextOverflow
from aigc_cli.core.message import Message

Overflow = Literal["error", "drop", "summarize"]
_ROOM = 128
_SUMMARY = "{system}\n\nEarlier in this conversation: {summary}"


@dataclass(frozen=True, slots=True)
class Fitted:
    """Messages that fit, and those that had to go (oldest first, without the system prompt)."""

    messages: tuple[Message, ...]
    dropped: tuple[Message, ...] = ()


def fit(engine: Engine, messages: Sequence[Message], max_tokens: int | None, overflow: Overflow) -> Fitted:
    """Return ``messages``, without the oldest ones if they do not fit and ``overflow`` allows it.

    The system prompt and the last message always stay. Room is left for an answer of ``max_tokens``, but for no more
    than 128 tokens or a quarter of the context, whichever is less.

    Raises:
        ContextOverflow: if the messages do not fit and ``overflow`` is "error", or nothing more can go.
    """
    context = engine.info().context
    limit = _limit(context, max_tokens)
    needed = engine.count(messages)
    if needed <= limit:
        return Fitted(tuple(messages))
    head = tuple(m for m in messages[:1] if m.role == "system")
    body = tuple(messages[len(head) :])
    if overflow == "error" or len(body) < 2:
        raise ContextOverflow(needed=needed, context=context)
    least = _least_that_fits(lambda n: engine.count(head + body[n:]) <= limit, len(body) - 1)
    # An answer without its question would mislead the model.
    while least < len(body) - 1 and body[least].role == "assistant":
        least += 1
    kept = head + body[least:]
    if (needed := engine.count(kept)) > limit:
        raise ContextOverflow(needed=needed, context=context)
    return Fitted(kept, body[:least])


def fits(engine: Engine, messages: Sequence[Message], max_tokens: int | None) -> bool:
    """Tell whether `fit` would return all of ``messages``."""
    return engine.count(messages) <= _limit(engine.info().context, max_tokens)


def with_summary(messages: Sequence[Message], summary: str) -> tuple[Message, ...]:
    """Return ``messages`` with ``summary`` at the end of their system prompt, which is made if there is none."""
    if messages and messages[0].role == "system":
        text = _SUMMARY.format(system=messages[0].content, summary=summary)
        return (replace(messages[0], content=text), *messages[1:])
    return (Message("system", _SUMMARY.format(system="", summary=summary).strip()), *messages)


def _limit(context: int, max_tokens: int | None) -> int:
    return context - min(max_tokens or _ROOM, _ROOM, context // 4)


def _least_that_fits(fits: Callable[[int], bool], most: int) -> int:
    """Return the smallest number up to ``most`` for which the monotone ``fits`` holds, or ``most`` if none does."""
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        if fits(middle):
            high = middle
        else:
            low = middle + 1
    return low
