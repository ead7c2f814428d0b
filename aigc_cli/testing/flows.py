"""Running a generator in a test: on texts that the test gives, or on an engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aigc_cli.core.engine import Engine, EngineInfo
from aigc_cli.core.events import EngineEvent, Finished, TextDelta, Timing, TokenLogprob, Usage
from aigc_cli.core.generator import Artifact, Brief, Flow, Generator, OptionValue, Step
from aigc_cli.core.making import Made, MakingEvent
from aigc_cli.core.message import Message
from aigc_cli.core.request import AdapterUse, Request
from aigc_cli.engine.echo import EchoEngine
from aigc_cli.services.generate import GenerateService
from aigc_cli.services.order import Asking, Order
from aigc_cli.templates.collection import Templates
from aigc_cli.templates.filling import fill_by_name


@dataclass(frozen=True, slots=True)
class Played:
    """What a run of a generator came to.

    Attributes:
        steps: What the flow asked for, in this order.
        events: What a surface would have shown.
    """

    artifact: Artifact
    steps: tuple[Step, ...]
    events: tuple[MakingEvent, ...]


def play(generator: Generator, topic: str, texts: Iterable[str], **more: Any) -> Played:  # noqa: ANN401 - as `play_on`
    """Run a generator without a model: the completions are ``texts``, one after the other.

    A request for n candidates takes n of them. Everything else is as in `play_on`, with the echo engine for what is
    scored, embedded and counted.

    Raises:
        AssertionError: if the flow wants more texts, or leaves some.
    """
    engine = _Canned(list(texts))
    played = play_on(engine, generator, topic, **more)
    assert not engine.texts, f"the flow left {len(engine.texts)} texts: {engine.texts[:3]}"  # noqa: S101
    return played


def play_on(
    engine: Engine,
    generator: Generator,
    topic: str,
    *,
    options: Mapping[str, OptionValue] | None = None,
    language: str = "en",
    candidates: int | None = None,
    seed: int | None = None,
    templates: Path | None = None,
    confirm: bool = False,
    edit: Callable[[str], str] = lambda text: text,
) -> Played:
    """Run a generator on an engine, and keep nothing.

    Args:
        engine: Completes, scores and embeds.
        generator: What to run.
        topic: What it is to work on.
        options: Its options, as far as they are not left at their defaults; a file is given as its text.
        language: "en" or "zh".
        candidates: As with ``-n``.
        seed: As with ``--seed``.
        templates: The folder of the plugin's prompt templates, if it has one.
        confirm: What the user answers to every question.
        edit: What the user makes of every text to edit.

    Raises:
        PluginError: if the flow fails.
        AigcError: what the flow or the engine raises.
    """
    steps: list[Step] = []
    collection = Templates(Path("no such folder"), lambda: [(generator.name, templates)] if templates else [])

    watched = _watched(generator, steps)
    asking = Asking(lambda step: confirm, lambda step: edit(step.text))
    service = GenerateService(engine, None, "test", lambda *asked: fill_by_name(collection, *asked), asking)
    order = Order(watched, topic, options or {}, language, candidates, seed=seed)
    events = tuple(service.make(order, threading.Event()))
    (artifact,) = [event.artifact for event in events if isinstance(event, Made)]
    return Played(artifact, tuple(steps), events)


def open_model(path: Path, context: int = 2048) -> Engine:
    """Return an engine that runs a GGUF file; close it after use."""
    from aigc_cli.engine.llama.engine import LlamaEngine
    from aigc_cli.engine.llama.settings import LlamaSettings

    return LlamaEngine(path, LlamaSettings(context=context), lambda notice: None)


def _watched(generator: Generator, steps: list[Step]) -> Generator:
    """Return the same generator, whose steps are written down."""

    def flow(brief: Brief) -> Flow:
        inner, sent = generator.flow(brief), None
        try:
            while True:
                step = inner.send(sent)
                steps.append(step)
                sent = yield step
        except StopIteration as end:
            made: Artifact = end.value
            return made
        finally:
            inner.close()

    return replace(generator, flow=flow)


class _Canned:
    """An engine that answers with given texts, and with the echo engine for everything else."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self._echo = EchoEngine()

    def info(self) -> EngineInfo:
        return self._echo.info()

    def count(self, messages: Sequence[Message]) -> int:
        return self._echo.count(messages)

    def generate(self, request: Request, cancel: threading.Event) -> Iterator[EngineEvent]:
        for candidate in range(request.candidates):
            assert self.texts, f"no text is left for {request.messages[-1].content!r}"  # noqa: S101
            text = self.texts.pop(0)
            yield TextDelta(candidate, text)
            usage = Usage(self.count(request.messages), 0, self.count([Message("assistant", text)]))
            yield Finished(candidate, "stop", usage, Timing(0.0, 0.0), (request.sampling.seed or 0) + candidate)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return self._echo.embed(texts)

    def score(
        self, text: str, after: Sequence[Message] = (), adapters: Sequence[AdapterUse] = ()
    ) -> list[TokenLogprob]:
        return self._echo.score(text, after, adapters)

    def close(self) -> None:
        self._echo.close()
