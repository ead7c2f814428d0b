"""Running a generator: do what its flow asks for, one step after the other, and tell what happens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Generator as Coroutine
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from aigc_cli.core.answer import Answer, Candidate
from aigc_cli.core.engine import Engine
from aigc_cli.core.errors import AigcError, NothingGenerated, PluginError
from aigc_cli.core.events import Finished, FinishReason, TextDelta, TurnSaved
from aigc_cli.core.generator import (
    Artifact,
    Brief,
    Call,
    Complete,
    Completion,
    Confirm,
    Edit,
    Embed,
    Flow,
    Generator,
    OptionValue,
    Report,
    Score,
    Step,
    option_values,
)
from aigc_cli.core.making import Drafting, Made, MakingEvent
from aigc_cli.core.message import Message
from aigc_cli.core.request import AdapterUse, Request
from aigc_cli.core.template import RenderedPrompt
from aigc_cli.core.text import N_, Notice
from aigc_cli.services.chat import adapter_name
from aigc_cli.services.drafts import Drafts, prefill

if TYPE_CHECKING:
    from aigc_cli.store import Store

_SEEDS_PER_STEP = 64
"""As many candidates as a request may have, each of which draws with a seed of its own."""
_SEEDS = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Order:
    """What the user wants made.

    Attributes:
        topic: With everything piped in.
        options: The generator's own, as far as they were given; files are read.
        language: "en" or "zh".
        candidates: Drafts to choose from; None leaves that to the flow.
        temperature: Instead of the flow's.
        seed: Of the first completion; those after it draw with others that follow from it.
        max_tokens: Longest completion, where the flow's limit is not lower.
    """

    generator: Generator
    topic: str
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    language: str = "en"
    candidates: int | None = None
    temperature: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    adapters: tuple[AdapterUse, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """How the user is asked while a generator works; as it stands, nobody is there.

    Attributes:
        confirm: Returns the answer to a question.
        edit: Returns a text as the user has changed it.
    """

    confirm: Callable[[Confirm], bool] = lambda step: False
    edit: Callable[[Edit], str] = lambda step: step.text


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
        self.last = tuple(Candidate(id_, text, e.reason, e.usage.completion_tokens) for id_, text, e in results)
        self.by_turn |= {turn: self.last for turn, _, _ in results if turn}


class GenerateService:
    """Runs generators with one engine and keeps their drafts in one store.

    Args:
        engine: Completes, scores and embeds.
        store: Keeps the drafts; None for nowhere.
        model: The name under which drafts are kept.
        fill: See `Brief.fill`; is given the language besides.
        asking: How the user is asked.
    """

    def __init__(
        self,
        engine: Engine,
        store: Store | None,
        model: str,
        fill: Callable[[str, Mapping[str, str], str], RenderedPrompt],
        asking: Asking = Asking(),
    ) -> None:
        self._engine = engine
        self._store = store
        self._model = model
        self._fill = fill
        self._asking = asking

    def make(self, order: Order, cancel: threading.Event) -> Iterator[MakingEvent]:
        """Run the generator; `Made` comes last, unless ``cancel`` is set or an error is raised.

        What there is of a draft when it is cancelled is kept and marked as interrupted.

        Raises:
            PluginError: if the flow fails, or asks for what is no step.
            NothingGenerated: if the artifact is empty.
            AigcError: what the flow, the engine or the store raises.
        """
        run = _Run(self._engine, order, Drafts(self._store, order.generator.name, order.topic, self._model), cancel)
        flow = self._begin(order, run)
        try:
            artifact = yield from self._work(flow, order, run)
        finally:
            flow.close()
        if artifact is None:
            yield Notice(N_("stopped; what there is of the drafts is kept"))
            return
        yield Made(order.generator.name, artifact, run.answer(artifact))
        if not artifact.text.strip():
            raise NothingGenerated

    def _begin(self, order: Order, run: _Run) -> Flow:
        def fill(name: str, variables: Mapping[str, str]) -> RenderedPrompt:
            rendered = self._fill(name, variables, order.language)
            run.templates[rendered.messages] = rendered.reference
            return rendered

        brief = Brief(
            topic=order.topic,
            options=option_values(order.generator.options, order.options),
            language=order.language,
            context=self._engine.info().context,
            candidates=order.candidates,
            count=lambda text: self._engine.count([Message("user", text)]),
            fill=fill,
        )
        with _blaming(order.generator.name):
            return order.generator.flow(brief)

    def _work(self, flow: Flow, order: Order, run: _Run) -> Coroutine[MakingEvent, None, Artifact | None]:
        """Do one step after the other; returns the artifact, or None if the user stopped it."""
        sent: object = None
        while True:
            step = _next(flow, sent, order.generator.name)
            if isinstance(step, Artifact):
                return step
            sent = yield from self._perform(step, order, run)
            if run.cancel.is_set():
                return None

    def _perform(self, step: Step, order: Order, run: _Run) -> Coroutine[MakingEvent, None, Any]:
        match step:
            case Complete():
                return (yield from run.complete(step))
            case Score(text=text):
                return self._engine.score(text)
            case Embed(texts=texts):
                return self._engine.embed(texts)
            case Report():
                yield step
            case Confirm(allowed_by=option):
                if order.options.get(option) is True:
                    return True
                yield step
                return self._asking.confirm(step)
            case Edit():
                yield step
                return self._asking.edit(step)
            case Call(function=function):
                with _blaming(order.generator.name):
                    return function()
        return None


@dataclass
class _Run:
    """One run of a generator: what it completes, and what that adds up to."""

    engine: Engine
    order: Order
    drafts: Drafts
    cancel: threading.Event
    templates: dict[tuple[Message, ...], str] = field(default_factory=dict)
    completed: int = 0
    tally: _Tally = field(default_factory=_Tally)

    def complete(self, step: Complete) -> Coroutine[MakingEvent, None, tuple[Completion, ...]]:
        """Complete a request, keeping and telling of the text as it grows."""
        request = self._ordered(step.request)
        self.tally.adapter = adapter_name(request)
        template = self.templates.get(step.request.messages, "")
        transcript, asked = self.drafts.begin(request, kept=step.kept, adapter=self.tally.adapter, template=template)
        yield Drafting(step.label, step.shown)
        if asked:
            self.tally.conversation = asked.conversation
            yield TurnSaved(asked.id, asked.conversation, None)
        left: FinishReason = "interrupted"
        try:
            for event in self.engine.generate(request, self.cancel):
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
            gpu_layers=self.engine.info().gpu_layers,
        )


def _next(flow: Flow, sent: object, name: str) -> Step | Artifact:
    """Send a flow what its last step came to and return its next one, or what it made."""
    with _blaming(name):
        try:
            step: object = flow.send(sent)
        except StopIteration as end:
            if not isinstance(end.value, Artifact):
                raise _misbehaved(name, f"its flow made {end.value!r}, which is no Artifact") from None
            return end.value
    if not isinstance(step, (Complete, Score, Embed, Report, Confirm, Edit, Call)):
        raise _misbehaved(name, f"its flow asked for {step!r}, which is no step")
    return step


@contextmanager
def _blaming(name: str) -> Iterator[None]:
    """Say of what goes wrong in the body, code of the plugin's, that it is the plugin's fault."""
    try:
        yield
    except (AigcError, KeyboardInterrupt):
        raise
    except BaseException as error:  # plugins also call sys.exit
        place = extract_tb(error.__traceback__)[-1]
        detail = f"{type(error).__name__}: {error} ({Path(place.filename).name}, line {place.lineno})"
        raise _misbehaved(name, detail) from error


def _misbehaved(name: str, detail: str) -> PluginError:
    return PluginError(name=name, detail=detail, remedy=f"aigc plugins disable {name}")
