"""Which tokens the context holds, so that a prompt is evaluated only where it is new."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from aigc_cli.core.events import PromptProgress
from aigc_cli.engine.llama.context import Context
from aigc_cli.engine.llama.model import Model
from aigc_cli.engine.llama.prefix import align, common_prefix
from aigc_cli.engine.llama.states import StateCache

_PATIENCE = 0.5  # seconds of evaluation before progress is reported
_WORTH_LOADING = 64  # tokens
_WORTH_SAVING = 0.5  # seconds that evaluating it again would take
_MEASURABLE = 64  # tokens


class Live:
    """The tokens of every sequence in a context.

    What was evaluated goes to disk when it is about to be lost: when another conversation takes its place, and when
    the engine is closed. A turn of a chat costs no writing.

    Args:
        states: Where evaluated prompts are kept between processes; None keeps none.

    Attributes:
        prompt: The tokens of the prompt that was prepared last.
        reused: How many of them were in memory already, or on disk.
        fingerprint: Names all that evaluated tokens depend on besides the tokens.
    """

    def __init__(self, model: Model, context: Context, states: StateCache | None, fingerprint: str) -> None:
        self._model = model
        self._context = context
        self._states = states
        self._sequences: dict[int, list[int]] = {}
        self._stored: tuple[Path | None, list[int]] = (None, [])
        self._cost = 0.0
        self.fingerprint = fingerprint
        self.prompt: list[int] = []
        self.reused = 0

    def prepare(self, tokens: Sequence[int], cells: int, sequences: int) -> None:
        """Keep of what is in memory the most that a prompt of ``tokens`` can begin with, and make room for it."""
        best, length = 0, 0
        self.prompt = list(tokens)
        for sequence, known in self._sequences.items():
            prompt, shared = self._match(tokens, known)
            if shared > length:
                best, self.prompt, length = sequence, prompt, shared
        if length < len(self._sequences.get(0, ())) // 2:
            self.save()
        stored = self._load(tokens, length)
        if stored:
            length = stored
        else:
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
        seconds = time.monotonic() - started
        if done - self.reused >= _MEASURABLE:
            self._cost = seconds / (done - self.reused)
        if seconds > _PATIENCE:
            yield PromptProgress(done, total)

    def settle(self, answers: dict[int, list[int]]) -> None:
        """Take note of what each sequence holds after the prompt, whatever ended the answers."""
        for sequence, answer in answers.items():
            self._sequences[sequence] = [*self.prompt, *answer][: self._context.evaluated(sequence)]

    def save(self) -> None:
        """Keep sequence 0 on disk if it holds enough that is not there yet."""
        tokens = self._sequences.get(0, [])
        origin, known = self._stored
        shared = common_prefix(tokens, known)
        if self._states is None or (len(tokens) - shared) * self._cost < _WORTH_SAVING:
            return
        path = self._states.save(self.fingerprint, self._context, 0, tokens)
        if path is None:
            return
        if origin is not None and shared == len(known):
            origin.unlink(missing_ok=True)
        self._stored = path, tokens

    def forget(self) -> None:
        """Forget everything, as after a change of adapters."""
        self.save()
        self._context.clear()
        self._sequences.clear()
        self._stored = (None, [])

    def _match(self, tokens: Sequence[int], known: Sequence[int]) -> tuple[list[int], int]:
        """Return tokens for the prompt that agree with ``known``, and how many do; one is left to be evaluated."""
        prompt = align(tokens, known, self._model.piece, self._model.is_control)
        return prompt, min(common_prefix(prompt, known), len(prompt) - 1)

    def _load(self, tokens: Sequence[int], length: int) -> int:
        """Load the file that holds the most of a prompt, if that is well more than ``length``; return how much."""
        if self._states is None or len(tokens) - length < _WORTH_LOADING:
            return 0
        length += _WORTH_LOADING
        best = None
        for path, known in self._states.known(self.fingerprint):
            prompt, shared = self._match(tokens, known)
            if shared >= length and len(known) <= self._context.limit:
                best, length = (path, known, prompt), shared
        if best is None:
            return 0
        path, known, prompt = best
        self._context.clear()
        self._sequences.clear()
        self._context.reserve(len(known))
        if not self._states.load(path, self._context):
            self._context.clear()
            return 0
        self.prompt = prompt
        self._stored = path, known
        return length
