"""What is said beside the answer: notices, and how far a long prompt has been read."""

from __future__ import annotations

from aigc_cli.core.events import PromptProgress
from aigc_cli.core.text import Notice
from aigc_cli.i18n import _, say
from aigc_cli.render.filter import one_line
from aigc_cli.render.terminal import Terminal

_CLEAR_LINE = "\r\x1b[K"


class Aside:
    """Writes to stderr, without ever touching the line that an answer is being written on.

    Progress is one line that is drawn over and over; it needs a terminal and is gone before anything else is shown.
    """

    def __init__(self, terminal: Terminal, *, quiet: bool = False) -> None:
        self._terminal = terminal
        self._quiet = quiet
        self._shows_progress = False
        self._waiting: list[Notice] | None = None

    def progress(self, event: PromptProgress) -> None:
        """Show how much of the prompt is evaluated."""
        if self._quiet or not self._terminal.cursor or self._waiting is not None:
            return
        from rich.cells import chop_cells

        columns, _lines = self._terminal.size()
        percent = 100 * event.done // max(event.total, 1)
        text = _("reading the prompt: {percent}% of {total} tokens").format(percent=percent, total=event.total)
        # A line that wraps could not be cleared.
        self._write(_CLEAR_LINE + self._dim(chop_cells(text, columns - 1)[0]))
        self._shows_progress = True

    def notice(self, notice: Notice) -> None:
        """Show ``notice`` in a line of its own, once no answer is in the way."""
        if self._waiting is not None:
            self._waiting.append(notice)
        elif not self._quiet:
            self._clear_progress()
            self._write(self._dim(self._broken(one_line(say(notice)))) + "\n")

    def make_way(self, stdout: Terminal) -> None:
        """Get ready for text on ``stdout``: if both are terminals, notices wait for `resume`."""
        self._clear_progress()
        if stdout.is_tty and self._terminal.is_tty and self._waiting is None:
            self._waiting = []

    def resume(self) -> None:
        """Show what has waited; the answer is complete and the cursor is on a fresh line."""
        self._clear_progress()
        waiting, self._waiting = self._waiting or [], None
        for notice in waiting:
            self.notice(notice)

    def _clear_progress(self) -> None:
        if self._shows_progress:
            self._shows_progress = False
            self._write(_CLEAR_LINE)

    def _broken(self, text: str) -> str:
        """Return a sentence in lines that fit the terminal, so that no word is torn; as it is where there is none."""
        if not self._terminal.is_tty:
            return text
        from aigc_cli.render.wrap import wrap

        return "\n".join(text[start:end] for start, end in wrap(text, max(2, self._terminal.size()[0])))

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self._terminal.styled else text

    def _write(self, text: str) -> None:
        self._terminal.stream.write(text)
        self._terminal.stream.flush()
