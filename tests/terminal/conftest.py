"""What the tests on a pseudo-terminal share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from chat_screen import Chat

from aigc_cli.testing import AIGC, PtyScreen, echo_environ


@pytest.fixture
def chat(home: Path) -> Iterator[Chat]:
    """Return a function that opens a chat on a terminal, ready to be typed into; all share one home.

    The toolbar has "tokens/s" from the first answer on.
    """
    with ExitStack() as stack:

        def open_chat(*args: str, columns: int = 80, rows: int = 24, **env: str) -> PtyScreen:
            environ = echo_environ(home / "aigc", **env)
            screen = stack.enter_context(PtyScreen([*AIGC, "chat", *args], env=environ, columns=columns, rows=rows))
            screen.wait_for("\n echo · ")
            return screen

        yield open_chat
