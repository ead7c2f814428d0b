"""Writing answers down while they grow."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from aigc_cli.core.conversation import Status, Turn
from aigc_cli.core.errors import StoreError
from aigc_cli.core.events import Finished, FinishReason

if TYPE_CHECKING:
    from aigc_cli.store import Store

SAVE_EVERY = 0.3
"""Seconds between two writes of a growing answer: what a power cut may cost."""


@dataclass
class _Growing:
    turn: str = ""
    text: list[str] = field(default_factory=list)
    saved_at: float = 0.0
    finished: Finished | None = None


class Transcript:
    """The answers to one question, kept in the store if there is one.

    An answer that cannot be written any more, for example because the disk is full, is still shown to its end: the
    error is kept in ``failure`` for the caller to raise afterwards.
    """

    def __init__(self, store: Store | None, question: Turn | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._question = question
        self._clock = clock
        self._growing: dict[int, _Growing] = {}
        self.failure: StoreError | None = None

    def begin(self, candidate: int, **fields: Any) -> str:  # noqa: ANN401 - `Store.add_turn` declares them
        """Make the turn of a candidate, before its first text; returns its id, or "" if nothing is saved."""
        growing = self._growing[candidate] = _Growing(saved_at=self._clock())
        if self._store and self._question:
            turn = self._store.add_turn(
                self._question.conversation, self._question.id, "assistant", "", status="streaming", **fields
            )
            growing.turn = turn.id
        return growing.turn

    def grow(self, candidate: int, text: str) -> None:
        """Add text to a candidate; it reaches the disk within `SAVE_EVERY` seconds of more text coming."""
        growing = self._growing[candidate]
        growing.text.append(text)
        now = self._clock()
        if now - growing.saved_at >= SAVE_EVERY:
            growing.saved_at = now
            self._write(growing, lambda store, text: store.grow(growing.turn, text))

    def finish(self, event: Finished) -> None:
        """Write the whole answer with what is known of how it came to be."""
        growing = self._growing[event.candidate]
        growing.finished = event
        self._write(
            growing,
            lambda store, text: store.finish(
                growing.turn,
                text,
                "interrupted" if event.reason == "interrupted" else "complete",
                finish_reason=event.reason,
                seed=event.seed,
                usage=event.usage,
                timing=event.timing,
            ),
        )

    def abandon(self, status: Literal["interrupted", "failed"]) -> None:
        """Write what there is of the candidates that will not finish any more."""
        reason: FinishReason = "interrupted" if status == "interrupted" else "error"
        for growing in self._growing.values():
            if growing.finished is None:
                self._abandon(growing, status, reason)

    def _abandon(self, growing: _Growing, status: Status, reason: FinishReason) -> None:
        self._write(growing, lambda store, text: store.finish(growing.turn, text, status, finish_reason=reason))

    @property
    def turns(self) -> list[str]:
        """The turns of the candidates that are kept."""
        return [growing.turn for growing in self._growing.values() if growing.turn]

    def results(self) -> list[tuple[str, str, Finished]]:
        """Return turn, text and end of every finished candidate, in the order of their numbers."""
        return [
            (growing.turn, "".join(growing.text), growing.finished)
            for _, growing in sorted(self._growing.items())
            if growing.finished
        ]

    def _write(self, growing: _Growing, write: Callable[[Store, str], object]) -> None:
        if self._store is None or not growing.turn or self.failure:
            return
        try:
            write(self._store, "".join(growing.text))
        except StoreError as error:
            self.failure = error
