"""The completions of one run of a generator: made as the user wants them, kept, and added up."""

from __future__ import annotations

import threading
from collections.abc import Generator as Coroutine
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aigc_cli.core.answer import Answer, Candidate
from aigc_cli.core.engine import Engine
from aigc_cli.core.errors import AigcError, EngineError
from aigc_cli.core.events import Finished, FinishReason, TextDelta, TurnSaved
from aigc_cli.core.generator import Artifact, Complete, Completion
from aigc_cli.core.lesson import Lesson
from aigc_cli.core.making import Drafting, MakingEvent
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request
from aigc_cli.core.text import N_, Notice
from aigc_cli.services.choice import adapter_names
from aigc_cli.services.drafts import Drafts, prefill
from aigc_cli.services.fit import fits
from aigc_cli.services.order import Order

if TYPE_CHECKING:
    from aigc_cli.services.learning import Learning

_SEEDS_PER_STEP = 64
"""As many candidates as a request may have, each of which draws with a seed of its own."""
_SEEDS = 2**32 - 1


@dataclass
class _Tally:
    """What the completions of one run come to."""

    prompt_tokens: int = 0
    reused_tokens: int = 0
    completion_tokens: int = 0
    ttft_ms: float | None = None
    seconds: float = 0.0
    seed: int | None = None
    conversation: str = ""
    learned_from: tuple[str, ...] = ()
    adapter: str = ""
    last: tuple[Candidate, ...] = ()
    by_turn: dict[str, tuple[Candidate, ...]] = field(default_factory=dict)

    def add(self, results: list[tuple[str, str, Finished]]) -> None:
        """Count the candidates of one request, which share the evaluation of its prompt."""
        for _, _, end in results:
            self.completion_tokens += end.usage.completion_tokens
            if end.timing.tokens_per_second:
                self.seconds += end.usage.completion_tokens / end.timing.tokens_per_second / len(results)
        first = results[0][2]
        self.prompt_tokens += first.usage.prompt_tokens
        self.reused_tokens += first.usage.reused_tokens
        self.ttft_ms = first.timing.ttft_ms if self.ttft_ms is None else self.ttft_ms
        self.seed = first.seed if self.seed is None else self.seed
        self.know([Candidate(id_, text, e.reason, e.usage.completion_tokens) for id_, text, e in results])

    def know(self, candidates: Sequence[Candidate]) -> None:
        """Remember the candidates of one request."""
        self.last = tuple(candidates)
        self.by_turn |= {one.id: self.last for one in candidates if one.id}


@dataclass
class Completer:
    """One run of a generator: what it completes, and what that adds up to."""

    engine: Engine
    order: Order
    drafts: Drafts
    cancel: threading.Event
    learning: Learning | None = None
    templates: dict[tuple[Message, ...], str] = field(default_factory=dict)
    completed: int = 0
    tally: _Tally = field(default_factory=_Tally)

    def complete(self, step: Complete) -> Coroutine[MakingEvent, None, tuple[Completion, ...]]:
        """Complete a request, keeping and telling of the text as it grows."""
        request = self._ordered(step.request)
        self.tally.adapter = adapter_names(request.adapters)
        template = self.templates.get(step.request.messages, "")
        transcript, asked = self.drafts.begin(request, kept=step.kept, adapter=self.tally.adapter, template=template)
        lesson = self._lesson(request, template) if step.kept else Lesson()
        if set(lesson.turns) - set(self.tally.learned_from):
            text = N_("learning from {count} of your votes; `aigc feedback why` shows which")
            yield Notice(text, {"count": len(lesson.turns)})
        self.tally.learned_from = tuple(dict.fromkeys((*self.tally.learned_from, *lesson.turns)))
        self.drafts.keep_lesson(transcript, lesson)
        yield Drafting(step.label, step.shown)
        if asked:
            self.tally.conversation = asked.conversation
            yield TurnSaved(asked.id, asked.conversation, None)
        left: FinishReason = "interrupted"
        try:
            taught = replace(request, messages=lesson.put_into(request.messages))
            for event in self.engine.generate(taught, self.cancel):
                if isinstance(event, TextDelta):
                    transcript.grow(event.candidate, event.text)
                elif isinstance(event, Finished):
                    transcript.finish(event)
                yield event
        except AigcError:
            left = "error"
            raise
        finally:
            transcript.abandon("interrupted" if left == "interrupted" else "failed")
        if transcript.failure:
            raise transcript.failure
        results = transcript.results()
        self.tally.add(results)
        begun = len(prefill(request))
        for turn, text, _ in results:
            if turn:
                self.drafts.remember(turn, text)
        return tuple(
            Completion(text[begun:], end.reason, end.usage.completion_tokens, turn, end.logprobs)
            for turn, text, end in results
        )

    def remember(self, completions: Sequence[Completion]) -> None:
        """Take a completion as done that was done before the run was cut off."""
        self.completed += 1
        self.tally.completion_tokens += sum(one.completion_tokens for one in completions)
        self.tally.know([Candidate(c.turn, c.text, c.finish_reason, c.completion_tokens) for c in completions])
        for one in completions:
            self.tally.conversation = self.drafts.find(one.turn) or self.tally.conversation

    def _lesson(self, request: Request, template: str) -> Lesson:
        """Return what a first question is to learn; nothing where it would not fit, or texts cannot be compared."""
        if self.learning is None or self.drafts.follows(request.messages):
            return Lesson()
        asked = next((one.content for one in reversed(request.messages) if one.role == "user"), "")
        try:
            lesson = self.learning.lesson(asked, template, generator=self.order.generator.name)
        except EngineError:
            return Lesson()
        taught = lesson.put_into(request.messages)
        return lesson if fits(self.engine, taught, request.max_tokens) else Lesson()

    def _ordered(self, request: Request) -> Request:
        """Return the request as the user wants it; the flow's own seed stands."""
        order, sampling = self.order, request.sampling
        if order.temperature is not None:
            sampling = replace(sampling, temperature=order.temperature)
        if order.seed is not None and sampling.seed is None:
            sampling = replace(sampling, seed=(order.seed + self.completed * _SEEDS_PER_STEP) % _SEEDS)
        self.completed += 1
        limits = [limit for limit in (request.max_tokens, order.max_tokens) if limit is not None]
        return replace(
            request,
            sampling=sampling,
            max_tokens=min(limits, default=None),
            adapters=request.adapters or order.adapters,
        )

    def answer(self, artifact: Artifact) -> Answer:
        """Return what JSON says of the run."""
        tally = self.tally
        candidates = tally.by_turn.get(artifact.turn) or tally.last
        reasons: list[FinishReason] = [c.finish_reason for c in candidates if c.id == artifact.turn]
        return Answer(
            id=artifact.turn,
            conversation=tally.conversation,
            model=self.drafts.model,
            adapter=tally.adapter,
            text=artifact.text,
            finish_reason=reasons[0] if reasons else "stop",
            prompt_tokens=tally.prompt_tokens,
            reused_tokens=tally.reused_tokens,
            completion_tokens=tally.completion_tokens,
            ttft_ms=tally.ttft_ms or 0.0,
            tokens_per_second=tally.completion_tokens / tally.seconds if tally.seconds else 0.0,
            seed=tally.seed or 0,
            candidates=candidates,
            learned_from=tally.learned_from,
            gpu_layers=self.engine.info().gpu_layers,
        )
