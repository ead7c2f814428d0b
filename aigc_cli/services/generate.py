"""Running a generator: do what its flow asks for, one step after the other, and tell what happens."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Generator as Coroutine
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from aigc_cli.core.engine import Engine
from aigc_cli.core.errors import AigcError, NothingGenerated, PluginError
from aigc_cli.core.generator import (
    Artifact,
    Brief,
    Call,
    Complete,
    Confirm,
    Edit,
    Embed,
    Flow,
    Report,
    Score,
    Step,
    option_values,
)
from aigc_cli.core.making import Made, MakingEvent
from aigc_cli.core.message import Message
from aigc_cli.core.template import RenderedPrompt
from aigc_cli.core.text import N_, Notice
from aigc_cli.services.completing import Completer
from aigc_cli.services.drafts import Drafts
from aigc_cli.services.order import NOBODY, Asking, Order

if TYPE_CHECKING:
    from aigc_cli.services.journal import Journal
    from aigc_cli.services.learning import Learning
    from aigc_cli.store import Store


class GenerateService:
    """Runs generators with one engine and keeps their drafts in one store.

    Args:
        engine: Completes, scores and embeds.
        store: Keeps the drafts; None for nowhere.
        model: The name under which drafts are kept.
        fill: See `Brief.fill`; is given the language besides.
        asking: How the user is asked.
        learning: Chooses what drafts learn from votes; None for nothing.
    """

    def __init__(
        self,
        engine: Engine,
        store: Store | None,
        model: str,
        fill: Callable[[str, Mapping[str, str], str], RenderedPrompt],
        asking: Asking = NOBODY,
        learning: Learning | None = None,
    ) -> None:
        self._engine = engine
        self._store = store
        self._model = model
        self._fill = fill
        self._asking = asking
        self._learning = learning

    def make(self, order: Order, cancel: threading.Event, journal: Journal | None = None) -> Iterator[MakingEvent]:
        """Run the generator; `Made` comes last, unless ``cancel`` is set or an error is raised.

        What there is of a draft when it is cancelled is kept and marked as interrupted. Steps that ``journal`` knows
        are not done again, the others are recorded in it; it is discarded when the artifact has been taken.

        Raises:
            PluginError: if the flow fails, or asks for what is no step.
            NothingGenerated: if the artifact is empty.
            NotResumable: if the flow takes other steps than those in the journal.
            AigcError: what the flow, the engine or the store raises.
        """
        drafts = Drafts(self._store, order.generator.name, order.topic, self._model)
        run = Completer(self._engine, order, drafts, cancel, self._learning)
        flow = self._begin(order, run)
        try:
            artifact = yield from self._work(flow, order, run, journal)
        finally:
            flow.close()
        if artifact is None:
            text = N_("stopped; the same command with `--resume` goes on from here") if journal else N_("stopped")
            yield Notice(text)
            return
        if self._store and artifact.turn:
            self._store.mark_artifact(artifact.turn)
        yield Made(order.generator.name, artifact, run.answer(artifact))
        if journal:
            journal.discard()
        if not artifact.text.strip():
            raise NothingGenerated

    def _begin(self, order: Order, run: Completer) -> Flow:
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

    def _work(
        self, flow: Flow, order: Order, run: Completer, journal: Journal | None
    ) -> Coroutine[MakingEvent, None, Artifact | None]:
        """Do one step after the other; returns the artifact, or None if the user stopped it."""
        sent: Any = None
        while True:
            step = _next(flow, sent, order.generator.name)
            if isinstance(step, Artifact):
                return step
            known = False
            if journal and not isinstance(step, Report):
                known, sent = journal.recall(step)
            if known and isinstance(step, Complete):
                run.remember(sent)
            elif not known:
                sent = yield from self._perform(step, order, run)
                if run.cancel.is_set():
                    return None
                if journal and not isinstance(step, Report):
                    journal.write(step, sent)

    def _perform(self, step: Step, order: Order, run: Completer) -> Coroutine[MakingEvent, None, Any]:
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
                    return json.loads(json.dumps(function()))  # as it is when it comes from a journal
        return None


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
    written = io.StringIO()
    try:
        with redirect_stdout(written):
            yield
    except (AigcError, KeyboardInterrupt):
        raise
    except BaseException as error:  # plugins also call sys.exit
        place = extract_tb(error.__traceback__)[-1]
        detail = f"{type(error).__name__}: {error} ({Path(place.filename).name}, line {place.lineno})"
        raise _misbehaved(name, detail) from error
    if text := written.getvalue():
        raise _misbehaved(name, f"it writes to standard output: {text[:40]!r}")


def _misbehaved(name: str, detail: str) -> PluginError:
    return PluginError(name=name, detail=detail, remedy=f"aigc plugins disable {name}")
