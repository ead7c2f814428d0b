"""Measuring how fast an engine is, on the echo engine and the starter model."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aigc_cli.core.events import EngineEvent, Finished, Timing
from aigc_cli.core.request import Request
from aigc_cli.engine.echo import EchoEngine
from aigc_cli.engine.llama.engine import LlamaEngine
from aigc_cli.engine.llama.settings import LlamaSettings
from aigc_cli.services.bench import ANSWER_TOKENS, PROMPT_TOKENS, RUNS, measure


class Timed(EchoEngine):
    """An engine whose n-th answer claims that its prompt took n milliseconds a token."""

    def __init__(self, context: int = 4096) -> None:
        super().__init__(context)
        self.requests: list[Request] = []

    def generate(self, request: Request, cancel: threading.Event) -> Iterator[EngineEvent]:
        """Answer with made-up times."""
        self.requests.append(request)
        for event in super().generate(request, cancel):
            if isinstance(event, Finished):
                factor = len(self.requests)
                timing = Timing(event.usage.prompt_tokens * factor, 100.0 / factor)
                yield replace(event, timing=timing)
            else:
                yield event


def test_medians_leave_the_warm_up_out() -> None:
    """Of four answers that get slower and slower, the second to the fourth count, and the third is their median."""
    engine = Timed()
    speed = measure(engine, threading.Event())
    assert speed is not None
    assert len(engine.requests) == RUNS + 1
    assert speed.prompt_tokens_per_second == pytest.approx(1000 / 3)
    assert speed.tokens_per_second == pytest.approx(100 / 3)
    assert speed.first_token_ms == pytest.approx(3 * speed.prompt_tokens)
    assert PROMPT_TOKENS <= speed.prompt_tokens < PROMPT_TOKENS + 20
    assert speed.completion_tokens == ANSWER_TOKENS


def test_questions_begin_differently() -> None:
    """No question shares its first message with another: an engine that reuses prefixes has to evaluate each."""
    engine = Timed()
    measure(engine, threading.Event())
    assert len({request.messages[0] for request in engine.requests}) == RUNS + 1


def test_a_small_context_gets_a_short_question() -> None:
    """A context that 512 tokens do not fit is half filled."""
    speed = measure(Timed(context=100), threading.Event())
    assert speed is not None
    assert 50 <= speed.prompt_tokens < 70


def test_cancelling_gives_no_figures() -> None:
    """A measurement that was cut short returns None instead of the figures of some of the runs."""
    cancel = threading.Event()
    cancel.set()
    assert measure(EchoEngine(), cancel) is None


def test_a_real_engine_has_rates(model_path: Path, tmp_path: Path) -> None:
    """With a model, both rates are known and every measured prompt was evaluated."""
    engine = LlamaEngine(model_path, LlamaSettings(context=128, cache=tmp_path), print)
    speed = measure(engine, threading.Event())
    engine.close()
    assert speed is not None
    assert speed.prompt_tokens_per_second
    assert speed.tokens_per_second
