"""What a terminal shows while a generator works: how far it is, and the end of the draft that is growing.

It is drawn in place and disappears, so that the scrollback has what was made once, and nothing else.
"""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from aigc_cli.core.events import PromptProgress
from aigc_cli.core.generator import Report
from aigc_cli.i18n import _
from aigc_cli.render.filter import OutputFilter, one_line
from aigc_cli.render.terminal import Terminal

_LINES = 8
"""Of the draft; more would not leave room for anything else on a small terminal."""
_KEPT = 4_000
"""Characters of the draft, enough for as many lines of any width."""


class Workbench:
    """A few lines on a terminal whose cursor can be moved, for as long as there is something to tell."""

    def __init__(self, terminal: Terminal) -> None:
        self._console = Console(
            file=terminal.stream,
            force_terminal=True,
            no_color=not terminal.color,
            highlight=False,
            legacy_windows=False,
        )
        self._live: Live | None = None
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            console=self._console,
            auto_refresh=False,
        )
        self._label = ""
        self._reading = ""
        self._draft = ""
        self._filter = OutputFilter()

    def begin(self, label: str) -> None:
        """Begin a draft."""
        self._label, self._reading, self._draft, self._filter = one_line(label), "", "", OutputFilter()
        self._show()

    def read(self, event: PromptProgress) -> None:
        """Tell how much of the prompt is evaluated."""
        percent = 100 * event.done // max(event.total, 1)
        text = _("reading the prompt: {percent}% of {total} tokens")
        self._reading = text.format(percent=percent, total=event.total)
        self._show()

    def grow(self, text: str) -> None:
        """Add text to the draft."""
        self._reading = ""
        self._draft = (self._draft + self._filter.feed(text))[-_KEPT:]
        self._show()

    def report(self, step: Report) -> None:
        """Tell how far all of the work is."""
        if not self._bar.tasks:
            self._bar.add_task("")
        task = self._bar.task_ids[0]
        self._bar.update(task, description=one_line(step.label), completed=step.done, total=step.total)
        self._show()

    def hide(self) -> None:
        """Leave the terminal as it was; what comes next shows everything again."""
        if self._live:
            self._live.stop()
            self._live = None

    def _show(self) -> None:
        if self._live is None:
            self._live = Live(
                get_renderable=self._drawn,
                console=self._console,
                transient=True,
                refresh_per_second=8,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()

    def _drawn(self) -> RenderableType:
        lines = Text(self._draft.strip("\n"), style="dim").wrap(self._console, self._console.width)[-_LINES:]
        head = " · ".join(part for part in (self._label, self._reading) if part)
        parts: list[RenderableType] = [Text(head, style="bold", no_wrap=True, overflow="ellipsis")] if head else []
        parts += [*lines]
        if self._bar.tasks:
            parts.append(self._bar.get_renderable())
        return Group(*parts)
