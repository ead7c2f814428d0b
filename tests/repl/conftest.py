"""What the tests of the chat share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from echo_chat import Chat
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from aigc_cli.app import App
from aigc_cli.testing import echo_app


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
