"""The line that the user types: keys, history, completion, toolbar."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout.processors import TabsProcessor
from prompt_toolkit.output import ColorDepth

from aigc_cli.core.errors import AigcError
from aigc_cli.i18n import _
from aigc_cli.render.filter import one_line
from aigc_cli.repl.idle import Idle
from aigc_cli.repl.line import SLASHES, VOTES
from aigc_cli.repl.session import Session

PROMPT = "> "
_OPENING, _CLOSING = "{", "}"


class PrivateHistory(FileHistory):
    """What was typed, in a file that only the user can read; where it cannot be written, the chat goes on without."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._path = path

    def load_history_strings(self) -> Iterable[str]:
        """Return what was typed, the newest first."""
        try:
            return list(super().load_history_strings())
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        """Add what was typed."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
            super().store_string(string.encode("utf-8", "replace").decode())
        except OSError:
            return


class CommandCompleter(Completer):
    """Completes slash commands and their arguments, and the reasons of votes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield what may follow; nothing after a message, and nothing where looking it up fails."""
        text = document.text_before_cursor
        if text[:1] in VOTES and text[1:2].isspace():
            text = "/up " + text[2:]  # both votes have the same reasons
        if not text or text[0] not in SLASHES or "\n" in text or text[1:2] in tuple(SLASHES):
            return
        name, space, argument = text[1:].partition(" ")
        if not space:
            yield from self._names(name)
            return
        try:
            suggestions = list(self._session.commands.find(name).suggest(self._session, argument.lstrip()))
        except AigcError:
            return
        for suggestion in suggestions:
            note = one_line(suggestion.note)
            yield Completion(suggestion.text, -suggestion.replaces, one_line(suggestion.text), note)

    def _names(self, begun: str) -> Iterable[Completion]:
        for command in self._session.commands:
            for name in command.names:
                if name.startswith(begun.lower()) and (begun or name == command.name):
                    after = " " if command.arguments else ""
                    yield Completion(name + after, -len(begun), f"/{name}", _(command.summary))
                    break


class Prompt:
    """Reads what the user types.

    Args:
        session: Is completed from and shown in the toolbar.
        history: The file of what was typed; None keeps it until the chat ends.
    """

    def __init__(self, session: Session, history: Path | None) -> None:
        self._session = session
        self._in_block = False
        self._hints = False
        self._completer = CommandCompleter(session)
        self._idle = Idle(session.entitle)
        kept: History = PrivateHistory(history) if history else InMemoryHistory()
        self._prompt: PromptSession[str] = PromptSession(
            history=kept,
            auto_suggest=AutoSuggestFromHistory(),
            completer=self._completer,
            complete_while_typing=Condition(_begins_command),
            complete_in_thread=True,
            multiline=True,
            key_bindings=self._keys(),
            bottom_toolbar=self._toolbar,
            prompt_continuation=_continuation,
            input_processors=[TabsProcessor(tabstop=4)],
            enable_open_in_editor=True,
            tempfile_suffix=".md",
            enable_suspend=True,
            color_depth=ColorDepth.DEPTH_1_BIT if session.app.color == "never" else None,
        )
        self._prompt.default_buffer.on_text_changed += lambda _: self._idle.disturb()

    def read(self) -> str:
        """Return what the user sends.

        Raises:
            EOFError: if the user leaves.
            KeyboardInterrupt: if the process is interrupted from outside.
        """
        text, self._session.prefill = self._session.prefill, ""
        opens, self._session.open_editor = self._session.open_editor, False
        self._in_block = self._hints = False
        self._session.cancel.clear()
        with self._idle.meanwhile():
            sent = self._prompt.prompt(PROMPT, default=text, pre_run=_open_editor if opens else None)
        self._look_ahead()
        return sent

    def _look_ahead(self) -> None:
        """Let a Ctrl+C that was pressed right after Enter stop the answer, as it would have a moment later."""
        ahead = get_typeahead(self._prompt.app.input)
        keys = [press.key for press in ahead]
        if Keys.ControlC in keys:
            self._session.cancel.set()
            ahead = ahead[keys.index(Keys.ControlC) + 1 :]
        store_typeahead(self._prompt.app.input, ahead)

    def redraw(self) -> None:
        """Show the toolbar as it is now; any thread may call this."""
        self._prompt.app.invalidate()

    def choose(self, question: str, choices: Mapping[str, str]) -> str:
        """Ask for one of several answers by its key; anything else, and Ctrl+C or Ctrl+D, is the first one."""
        screen = self._session.screen
        screen.prose(question)
        for key, meaning in choices.items():
            screen.prose(f"  {key}  {meaning}")
        try:
            answer = PromptSession[str]().prompt(f"[{'/'.join(choices)}] ").strip().lower()
        except (EOFError, KeyboardInterrupt):
            answer = ""
        return answer if answer in choices else next(iter(choices))

    def _toolbar(self) -> AnyFormattedText:
        status = self._session.status()
        parts = [one_line(Path(status.model).name)]
        if status.adapter:
            parts.append(one_line(status.adapter))
        if status.loading:
            parts.append(_("loading…"))
        if status.failed:
            parts.append(_("cannot be loaded"))
        if status.total:
            percent = 100 * status.used // status.total
            parts.append(f"{status.used}/{status.total} ({percent} %)")
        if status.tokens_per_second:
            parts.append(_("{rate:.1f} tokens/s").format(rate=status.tokens_per_second))
        if self._session.template:
            parts.append(one_line(self._session.template))
        if self._session.attachments:
            parts.append(_("files: {count}").format(count=len(self._session.attachments)))
        if self._session.editing:
            parts.append(_("changes an earlier question; Ctrl+C cancels"))
        if self._in_block:
            parts.append(_("a line with } alone sends"))
        if self._hints:
            parts.append(_("Ctrl+D leaves"))
        return " " + " · ".join(parts)

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        typing = has_focus(DEFAULT_BUFFER)

        def new_line(event: KeyPressEvent) -> None:
            event.current_buffer.newline(copy_margin=False)

        keys.add("enter", filter=typing)(self._enter)
        keys.add("c-j", filter=typing)(new_line)
        keys.add("escape", "enter", filter=typing)(new_line)
        keys.add("c-c", filter=typing)(self._clear)
        keys.add("tab", filter=typing & Condition(_begins_command))(self._complete)
        return keys

    def _enter(self, event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        text = buffer.text
        if self._in_block:
            before, _newline, last = text.rpartition("\n")
            if last.strip() != _CLOSING:
                buffer.newline(copy_margin=False)
                return
            buffer.text = before
        elif text.strip() == _OPENING:
            buffer.reset()
            self._in_block = True
            return
        self._in_block = False
        buffer.validate_and_handle()

    def _complete(self, event: KeyPressEvent) -> None:
        """Take the only completion there is, or show those there are."""
        buffer = event.current_buffer
        found = list(self._completer.get_completions(buffer.document, CompleteEvent(completion_requested=True)))
        if len(found) == 1:
            buffer.apply_completion(found[0])
        elif buffer.complete_state:
            buffer.complete_next()
        else:
            buffer.start_completion(insert_common_part=True)

    def _clear(self, event: KeyPressEvent) -> None:
        """Empty the line; the arrow up brings back what was in it."""
        buffer = event.current_buffer
        self._hints = not buffer.text and not self._session.editing
        buffer.append_to_history()
        buffer.reset()
        self._in_block = False
        self._session.editing = None


def _begins_command() -> bool:
    text = get_app().current_buffer.text
    return text[:1] in tuple(SLASHES) or (text[:1] in VOTES and text[1:2].isspace())


def _continuation(width: int, line: int, wrapped: int) -> AnyFormattedText:
    return " " * width


def _open_editor() -> None:
    get_app().current_buffer.open_in_editor()
