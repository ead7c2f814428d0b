"""What every renderer for people does with events; subclasses say how the text of an answer is written."""

from __future__ import annotations

from abc import ABC, abstractmethod

from aigc_cli.core.answer import Event
from aigc_cli.core.events import Finished, PromptProgress, TextDelta
from aigc_cli.core.text import Notice
from aigc_cli.render.aside import Aside
from aigc_cli.render.terminal import Terminal


class AnswerRenderer(ABC):
    """Writes the answers to one prompt in their order, the first as it grows.

    Candidates are decoded side by side, yet only one can grow on the screen: the text of the later ones is kept until
    those before are finished.

    Args:
        stdout: Takes the answers.
        aside: Takes everything else.
        candidates: How many answers to expect; more than one are set apart by a line with their number.
    """

    def __init__(self, stdout: Terminal, aside: Aside, *, candidates: int = 1) -> None:
        self._stdout = stdout
        self._aside = aside
        self._candidates = candidates
        self._current = 0
        self._begun = False
        self._kept: dict[int, list[str]] = {}
        self._finished: set[int] = set()
        self._closed = False

    def handle(self, event: Event) -> None:
        """See `aigc_cli.core.renderer.Renderer.handle`."""
        match event:
            case TextDelta(candidate=candidate, text=text):
                if candidate == self._current:
                    self._show(text)
                else:
                    self._kept.setdefault(candidate, []).append(text)
            case Finished(candidate=candidate):
                self._finished.add(candidate)
                while self._current in self._finished:
                    self._advance()
            case PromptProgress():
                self._aside.progress(event)
            case Notice():
                self._aside.notice(event)

    def close(self) -> None:
        """See `aigc_cli.core.renderer.Renderer.close`."""
        if self._closed:
            return
        self._closed = True
        self._finish()
        for candidate in sorted(self._kept):
            self._current = candidate
            self._show("".join(self._kept.pop(self._current)))
            self._finish()
        self._aside.resume()

    @abstractmethod
    def _begin(self, heading: str) -> None:
        """Get ready for the text of one answer; ``heading`` is empty or sets it apart from the others."""

    @abstractmethod
    def _write(self, text: str) -> None:
        """Take more text of the answer, as the model wrote it."""

    @abstractmethod
    def _end(self) -> None:
        """Complete the answer: everything is shown and the next character starts a line."""

    def _show(self, text: str) -> None:
        if not self._begun:
            self._begun = True
            self._aside.make_way(self._stdout)
            self._begin(self._heading())
        self._write(text)

    def _finish(self) -> None:
        if self._begun:
            self._begun = False
            self._end()

    def _advance(self) -> None:
        self._finish()
        self._current += 1
        if self._current in self._kept:
            self._show("".join(self._kept.pop(self._current)))

    def _heading(self) -> str:
        if self._candidates == 1:
            return ""
        dashes = "──" if self._stdout.unicode else "--"
        return f"{dashes} {self._current + 1}/{self._candidates} {dashes}"
