"""A chat on the echo engine whose keys are typed by the test."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from aigc_cli.app import App
from aigc_cli.core.conversation import Turn
from aigc_cli.render.terminal import inspect
from aigc_cli.repl.loop import Repl
from aigc_cli.testing import echo_app


class Chat:
    """A chat, the keys that are typed into it, and what it shows."""

    def __init__(self, app: App, keys: PipeInput, **options: bool) -> None:
        self.app = app
        self.keys = keys
        self.shown = io.StringIO()
        terminal = inspect(self.shown, environ={})
        self.repl = Repl(app, out=terminal, err=terminal, **{"save": True, **options})
        self.session = self.repl.session
        self.session.load(None)

    def do(self, *lines: str) -> str:
        """Do what lines say, one after the other, and return what that shows."""
        start = self.shown.tell()
        for line in lines:
            with self.repl.surviving():
                self.repl.obey(line)
        return self.shown.getvalue()[start:]

    @property
    def path(self) -> list[Turn]:
        """The turns that lead to where the chat is."""
        return self.session.thread.path()

    @property
    def texts(self) -> list[str]:
        """Their texts."""
        return [turn.text for turn in self.path]


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    """Return where the test types."""
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        yield pipe


@pytest.fixture
def open_chat(home: Path, keys: PipeInput) -> Iterator[Callable[..., Chat]]:
    """Return a function that opens a chat; all share one home."""
    apps: list[App] = []

    def open_(**options: bool) -> Chat:
        apps.append(echo_app(home / "aigc"))
        return Chat(apps[-1], keys, **options)

    yield open_
    for app in apps:
        app.close()


@pytest.fixture
def chat(open_chat: Callable[..., Chat]) -> Chat:
    """Return a chat."""
    return open_chat()
