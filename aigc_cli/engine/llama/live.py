"""Which tokens the context holds, so that a prompt is evaluated only where it is new."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

from aigc_cli.core.events import PromptProgress
from aigc_cli.engine.llama.context import Context
from aigc_cli.engine.llama.model import Model
from aigc_cli.engine.llama.prefix import align, common_prefix

_PATIENCE = 0.5


class Live:
    """The tokens of every sequence in a context.

    Attributes:
        prompt: The tokens of the prompt that was prepared last.
        reused: How many of them were in memory already.
    """

    def __init__(self, model: Model, context: Context) -> None:
        self._model = model
        self._context = context
        self._sequences: dict[int, list[int]] = {}
        self.prompt: list[int] = []
        self.reused = 0

    def prepare(self, tokens: Sequence[int], cells: int, sequences: int) -> None:
        """Keep of what is in memory the most that a prompt of ``tokens`` can begin with, and make room for it."""
        best, self.prompt = 0, list(tokens)
        length = 0
        for sequence, known in self._sequences.items():
            prompt = align(tokens, known, self._model.piece, self._model.is_control)
            shared = min(common_prefix(prompt, known), len(prompt) - 1)
            if shared > length:
                best, self.prompt, length = sequence, prompt, shared
        self._context.keep_only(best)
        if not self._context.truncate(0, length):
            length = 0
        self._sequences = {0: self.prompt[:length]}
        self.reused = length
        self._context.reserve(cells, sequences)

    def evaluate(self, cancel: threading.Event) -> Iterator[PromptProgress]:
        """Evaluate what is not in memory of the prompt; ends early when ``cancel`` is set."""
        total = len(self.prompt)
        done = self.reused
        started = time.monotonic()
        while done < total and not cancel.is_set():
            size = min(self._context.batch, total - done)
            self._context.evaluate(self.prompt[done : done + size], done, cancel)
            done = self._context.evaluated()
            self._sequences[0] = self.prompt[:done]
            if done < total and time.monotonic() - started > _PATIENCE:
                yield PromptProgress(done, total)
        if time.monotonic() - started > _PATIENCE:
            yield PromptProgress(done, total)

    def settle(self, answers: dict[int, list[int]]) -> None:
        """Take note of what each sequence holds after the prompt, whatever ended the answers."""
        for sequence, answer in answers.items():
            self._sequences[sequence] = [*self.prompt, *answer][: self._context.evaluated(sequence)]

    def forget(self) -> None:
        """Forget everything, as after a change of adapters."""
        self._context.clear()
        self._sequences.clear()
