"""The engine without a model."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_cli.core.engine import Engine
from aigc_cli.core.errors import ContextOverflow
from aigc_cli.core.events import Finished, TextDelta
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request
from aigc_cli.engine.echo import EchoEngine

Ask = Callable[..., object]


def test_it_is_an_engine() -> None:
    """EchoEngine has everything the protocol asks for."""
    assert isinstance(EchoEngine(), Engine)


@given(st.text())
def test_it_says_exactly_what_it_was_told(text: str) -> None:
    """The pieces of an answer together are the last user message, whatever is in it."""
    request = Request((Message("system", "x"), Message("user", text)))
    events = list(EchoEngine(context=1 << 20).generate(request, threading.Event()))
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == text
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "stop"


def test_chinese_is_streamed_character_by_character(ask: Ask) -> None:
    """A Chinese character is a token, and a word with the space before it is one."""
    assert ask(EchoEngine(), "学习 hello world").end.usage.completion_tokens == 4


def test_limits_and_stop_strings(ask: Ask) -> None:
    """An answer ends at ``max_tokens`` as "length" and before a stop string as "stop"."""
    cut = ask(EchoEngine(), "one two three", max_tokens=2)
    assert (cut.text, cut.end.reason) == ("one two", "length")
    stopped = ask(EchoEngine(), "one two three", stop=("three", "wo"))
    assert (stopped.text, stopped.end.reason) == ("one t", "stop")


def test_candidates_have_their_own_seeds(ask: Ask) -> None:
    """Every candidate says the same and reports ``seed + i``."""
    heard = ask(EchoEngine(), "hi", candidates=3)
    assert heard.texts == {0: "hi", 1: "hi", 2: "hi"}
    assert [end.seed for end in heard.ends.values()] == [0, 1, 2]


def test_cancelling_keeps_what_was_said(ask: Ask) -> None:
    """After a cancellation every candidate finishes as interrupted, without a further word."""
    cancel = threading.Event()
    events = EchoEngine().generate(Request((Message("user", "one two three"),)), cancel)
    assert next(events) == TextDelta(0, "one")
    cancel.set()
    (end,) = events
    assert isinstance(end, Finished)
    assert (end.reason, end.usage.completion_tokens) == ("interrupted", 1)


def test_an_overflow_is_told_before_anything_is_said(ask: Ask) -> None:
    """A prompt that fills the context is refused with both numbers."""
    with pytest.raises(ContextOverflow) as caught:
        ask(EchoEngine(context=3), "one two three")
    assert caught.value.params == {"needed": 4, "context": 3}


def test_embeddings_and_scores() -> None:
    """Vectors have unit length and bring like texts near each other; scores leave out the first token."""
    engine = EchoEngine()
    cat, cats, dog = engine.embed(["the cat", "the cats", "機器學習"])
    assert math.isclose(sum(x * x for x in cat), 1)
    assert sum(map(float.__mul__, cat, cats)) > sum(map(float.__mul__, cat, dog))
    assert [part.text for part in engine.score("a b c")] == [" b", " c"]
