"""What both languages need to draw several drafts and to choose among them."""

from __future__ import annotations

from collections.abc import Generator as Coroutine
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aigc_cli.api import Brief, Complete, Completion, Completions, Message, RenderedPrompt, Request, Sampling, Step

_REPETITION = 3.0  # nats that a draft loses which only repeats

Drawing = Coroutine[Step, Any, Completions]


@dataclass(frozen=True, slots=True)
class Pen:
    """Asks for drafts that go on from what is written.

    Attributes:
        prompt: The filled-in template.
        candidates: How many drafts at a time.
    """

    prompt: RenderedPrompt
    candidates: int

    def examples(self) -> str:
        """Return the answers that the prompt shows, which a small model likes to repeat."""
        return "\n".join(message.content for message in self.prompt.messages if message.role == "assistant")

    def draw(
        self, written: str, *, grammar: str, tokens: int, label: str, kept: bool, more: int = 1, stop: str = ""
    ) -> Drawing:
        """Ask for drafts; the result is in no order.

        Args:
            written: How the poem begins; the drafts go on from there.
            grammar: What they must satisfy.
            tokens: The most that each may have.
            label: What this is for.
            kept: Whether they become turns, which hold what is written as well.
            more: How many times as many drafts as usual.
            stop: What ends a draft.
        """
        prompt = self.prompt
        request = Request(
            messages=(*prompt.messages, Message("assistant", written)) if written else prompt.messages,
            sampling=sampling_of(prompt),
            max_tokens=tokens,
            stop=(stop,) if stop else (),
            candidates=self.candidates * more,
            grammar=grammar or None,
            logprobs=True,
        )
        drafts: Completions = yield Complete(request, label, shown=False, kept=kept)
        return drafts


def sampling_of(prompt: RenderedPrompt) -> Sampling:
    """Return the sampling that a template asks for."""
    settings: dict[str, Any] = dict(prompt.sampling)
    return Sampling(**settings)


def likelihood(draft: Completion) -> float:
    """Return the mean log-probability of a draft's tokens: how natural the model finds it."""
    if not draft.logprobs:
        return 0.0
    return sum(token.logprob for token in draft.logprobs) / len(draft.logprobs)


def appeal(draft: Completion, pieces: Sequence[object], before: Iterable[object]) -> float:
    """Return how likely a draft is, less what it repeats: a small model finds nothing likelier than saying it again.

    Args:
        draft: The draft.
        pieces: What it consists of, such as its characters or runs of words.
        before: What came before, in such pieces.
    """
    seen = set(before)
    again = 0
    for piece in pieces:
        again += piece in seen
        seen.add(piece)
    return likelihood(draft) - _REPETITION * again / max(1, len(pieces))


def pen(brief: Brief, template: str, variables: dict[str, str], candidates: int) -> Pen:
    """Return what draws drafts for a brief."""
    return Pen(brief.fill(template, variables), brief.candidates or candidates)
