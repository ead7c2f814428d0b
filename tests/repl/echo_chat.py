"""A chat on the echo engine whose keys are typed by the test."""

from __future__ import annotations

import io

from prompt_toolkit.input import PipeInput

from aigc_cli.app import App
from aigc_cli.core.conversation import Turn
from aigc_cli.render.terminal import inspect
from aigc_cli.repl.loop import Repl


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
