"""One round of the chat after the other: read a line, do what it means, survive whatever goes wrong."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from aigc_cli.app import App
from aigc_cli.core.decode import decode
from aigc_cli.core.errors import AigcError
from aigc_cli.core.text import N_
from aigc_cli.i18n import _
from aigc_cli.render.complaint import report
from aigc_cli.render.filter import one_line
from aigc_cli.render.progress import progress
from aigc_cli.render.terminal import Terminal
from aigc_cli.repl import keyboard
from aigc_cli.repl.commands import registry
from aigc_cli.repl.commands.conversations import SHOWN_TURNS, show_last
from aigc_cli.repl.commands.votes import vote
from aigc_cli.repl.line import Call, Judge, Run, Say, parse
from aigc_cli.repl.prompt import Prompt
from aigc_cli.repl.screen import Screen
from aigc_cli.repl.session import Session
from aigc_cli.services.thread import Thread


class Repl:
    """The chat.

    Args:
        app: Everything there is to work with.
        out: Takes answers and listings.
        err: Takes notices and errors.
        save: Keep the conversation, and what is typed, when the chat ends.
    """

    def __init__(self, app: App, *, out: Terminal, err: Terminal, save: bool) -> None:
        self._app = app
        self._screen = Screen(out, err, lambda: app.settings.markdown)
        app.notify = self._screen.notice
        app.progress = lambda title: progress(err, title)
        store = app.store if save else app.passing_store()
        commands = registry(app.plugin_names())
        self.session = Session(app, self._screen, Thread(store), commands, lambda *asked: self._prompt.choose(*asked))
        self.session.redraw = lambda: self._prompt.redraw()
        self._prompt = Prompt(self.session, app.paths.state / "prompts" if save else None)

    def run(self, *, model: str | None = None, follow: str | None = None) -> None:
        """Chat until the user leaves.

        Args:
            model: The model to begin with; None is that of the conversation, or else of the settings.
            follow: The conversation or turn to go on with.

        Raises:
            NoSuchTurn: if there is no such conversation.
            AmbiguousRef: if there are several.
        """
        with keyboard.held():
            if follow:
                self.session.thread.go(follow)
                show_last(self.session, SHOWN_TURNS)
            with self.surviving():
                self.session.load(model or self._model_of_the_conversation())
            self._screen.say(N_("Enter sends, Alt+Enter begins a new line, /help tells the rest, Ctrl+D leaves"))
            while not self.session.leaving:
                self._round()

    def _round(self) -> None:
        try:
            with self._screen.typing():
                text = self._prompt.read()
        except EOFError:
            self.session.leaving = True
            return
        except KeyboardInterrupt:
            return
        with self.surviving():
            self.obey(text)
        self._screen.gap()

    def obey(self, text: str) -> None:
        """Do what a line says; raises what that raises."""
        line = parse(text)
        if not isinstance(line, Say):
            self.session.editing = None
        match line:
            case Say(text=said):
                self.session.say(said)
            case Judge(words=words, text=said) if words and not self.session.thread.answers():
                self.session.say(said)
            case Judge(value=value, words=words):
                vote(self.session, value, words)
            case Call(name=name, argument=argument):
                command = self.session.commands.find(name)
                command.run(self.session, argument)
            case Run(command=command):
                self._run(command)

    def _run(self, command: str) -> None:
        """Run a shell command, show what it prints, and put that into the prompt if the user wants it there."""
        with keyboard.released():
            done = subprocess.run(["/bin/sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = decode(done.stdout, _("the output")).strip("\n")
        if output:
            self._screen.text(output)
        if done.returncode:
            self._screen.say(N_("exit code {code}"), code=done.returncode)
        question = _("Put this into the prompt?")
        if output and self.session.choose(question, {"n": _("no"), "y": _("yes")}) == "y":
            self.session.prefill = f"$ {one_line(command)}\n{output}\n"

    def _model_of_the_conversation(self) -> str | None:
        tip = self.session.thread.tip
        return tip.model if tip and tip.model in self._app.loader.names() else None

    @contextmanager
    def surviving(self) -> Iterator[None]:
        """Say in one line what goes wrong, and go on; a second Ctrl+C ends what the first one did not."""
        try:
            yield
        except AigcError as error:
            self._screen.error(error)
        except KeyboardInterrupt:
            self._screen.say(N_("stopped"))
        except BrokenPipeError:
            raise
        except Exception as error:
            self._screen.complain(report(self._app.paths.state, error))
