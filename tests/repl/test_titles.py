"""Titles that the model finds while the prompt is idle."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from echo_chat import Chat

from aigc_cli.repl import idle
from aigc_cli.repl.idle import Idle


@pytest.fixture
def real_chat(chat: Chat, model_path: Path) -> Chat:
    """Return a chat with the starter model, whose answers are short."""
    chat.session.load(str(model_path))
    chat.session.turn_settings = {"max_tokens": 12, "seed": 1}
    return chat


def test_a_title_is_found_once_and_costs_the_next_question_nothing(real_chat: Chat) -> None:
    """The title stands where conversations are listed; the next question still reuses what was said before it."""
    session = real_chat.session
    real_chat.do("Tell me about the sea.")
    used = session.status().used
    session.entitle(threading.Event())
    title = session.thread.store.title(session.thread.conversation)
    assert 0 < len(title) <= 60
    assert title in real_chat.do("/resume")
    real_chat.do("And the moon?")
    assert session.last
    assert session.last.reused_tokens >= used - 4  # a chat template may begin the next message anew
    session.thread.store.entitle(session.thread.conversation, "Another")
    assert session.thread.store.title(session.thread.conversation) == title


def test_a_title_that_is_interrupted_is_tried_again(real_chat: Chat) -> None:
    """A key that comes meanwhile leaves no half title, and the next quiet time finds a whole one."""
    session = real_chat.session
    real_chat.do("Tell me about the sea.")
    disturbed = threading.Event()
    disturbed.set()
    session.entitle(disturbed)
    assert not session.thread.store.title(session.thread.conversation)
    session.entitle(threading.Event())
    assert session.thread.store.title(session.thread.conversation)


def test_no_title_without_an_answer_of_this_chat(open_chat: Callable[..., Chat], model_path: Path) -> None:
    """A conversation that is only looked at gets none, nor does any where the setting says so."""
    first = open_chat()
    first.do("one")
    second = open_chat()
    second.session.load(str(model_path))
    second.do("/resume 1")
    second.session.entitle(threading.Event())
    assert not second.session.thread.store.title(second.session.thread.conversation)
    second.session.app.override_setting("titles", "off")
    second.session.turn_settings = {"max_tokens": 2}
    second.do("two")
    second.session.entitle(threading.Event())
    assert not second.session.thread.store.title(second.session.thread.conversation)


def test_a_title_that_repeats_the_request_is_none(chat: Chat) -> None:
    """The echo engine has no title to give, and none is kept."""
    chat.do("你好", "hello")
    chat.session.entitle(threading.Event())
    assert not chat.session.thread.store.title(chat.session.thread.conversation)


def test_idle_work_gives_way_and_ends_with_the_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is told to stop by a key, begins again after quiet, and is over when the prompt is."""
    monkeypatch.setattr(idle, "IDLE", 0.01)
    begun: list[threading.Event] = [threading.Event(), threading.Event()]
    stopped = []

    def work(disturbed: threading.Event) -> None:
        begun[len(stopped)].set()
        disturbed.wait()
        stopped.append(disturbed.is_set())

    worker = Idle(work)
    with worker.meanwhile():
        assert begun[0].wait(60)
        worker.disturb()
        assert begun[1].wait(60)
    assert stopped == [True, True]
    assert "idle" not in [thread.name for thread in threading.enumerate()]


def test_idle_work_that_is_done_is_not_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that came to its end is not called again while the same prompt waits, and is after the next one."""
    monkeypatch.setattr(idle, "IDLE", 0.0)
    calls = threading.Semaphore(0)
    worker = Idle(lambda disturbed: calls.release())
    for _ in range(2):
        with worker.meanwhile():
            assert calls.acquire(timeout=60)
            for thread in [thread for thread in threading.enumerate() if thread.name == "idle"]:
                thread.join()
    assert not calls.acquire(blocking=False)
