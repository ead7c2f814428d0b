"""The one seam between the product and whatever computes the next token."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from aigc_cli.core.events import EngineEvent, TokenLogprob
from aigc_cli.core.message import Message
from aigc_cli.core.request import AdapterUse, Request


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine runs.

    Attributes:
        model: The name of the model as the model itself gives it.
        context: Tokens that fit, prompt and answer together.
        layers: Layers of the model; 0 where the engine cannot know.
        gpu_layers: How many of them are on a GPU.
        threads: Threads used for decoding; 0 where the engine cannot know.
        backend: A short description for people, such as "llama.cpp, CPU".
    """

    model: str
    context: int
    layers: int = 0
    gpu_layers: int = 0
    threads: int = 0
    backend: str = ""


@runtime_checkable
class Engine(Protocol):
    """**Protocol**: completes requests. Not safe for use from two threads at once, except ``cancel.set()``."""

    def info(self) -> EngineInfo:
        """Describe the engine."""
        ...

    def count(self, messages: Sequence[Message]) -> int:
        """Return how many tokens a prompt of these messages takes, its chat template included.

        For a text that cannot fit whatever its tokens are, a lower bound greater than the context is enough.
        """
        ...

    def generate(self, request: Request, cancel: threading.Event) -> Iterator[EngineEvent]:
        """Answer ``request``.

        Yields `PromptProgress`, then `TextDelta` as candidates grow, and one `Finished` for every candidate.
        When ``cancel`` is set, from any thread or a signal handler, the candidates still growing finish as
        "interrupted" at once.

        Raises:
            ContextOverflow: before anything is evaluated, if the prompt does not fit.
            BadGrammar: if ``request.schema`` or ``request.grammar`` cannot be enforced.
            BadAdapter: if one of ``request.adapters`` cannot be used.
            EngineError: if the library fails.
        """
        ...

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector of unit length for each text; all have the same number of dimensions."""
        ...

    def score(
        self, text: str, after: Sequence[Message] = (), adapters: Sequence[AdapterUse] = ()
    ) -> list[TokenLogprob]:
        """Return every token of ``text`` but the first with its log-probability given those before it.

        As the answer to the messages ``after``, the first token has one, too.

        Raises:
            ContextOverflow: if it does not fit.
            BadAdapter: if one of ``adapters`` cannot be used.
        """
        ...

    def close(self) -> None:
        """Free the model. The engine cannot be used afterwards; closing twice does nothing."""
        ...


@runtime_checkable
class Reflective(Protocol):
    """**Protocol**: an engine that can tell what its model makes of an answer, so that answers can be judged."""

    def reflect(self, question: str, answer: str, *, whole: bool) -> list[float]:
        """Return the mean of the model's last hidden states over ``answer``, followed by the state at its end.

        Args:
            question: What the answer answers.
            answer: The answer.
            whole: It came to its own end, as opposed to being cut off.

        Raises:
            EngineError: if the model has no such states.
        """
        ...


@dataclass(frozen=True, slots=True)
class EngineProvider:
    """An engine that model references choose by their beginning.

    Attributes:
        name: The engine serves the references ``NAME`` and ``NAME:REST``.
        description: A few words for people.
        open: Makes the engine, given REST, which is empty for ``NAME`` alone.
    """

    name: str
    description: str
    open: Callable[[str], Engine]
