"""How far a training is, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aigc_cli.core.text import N_
from aigc_cli.i18n import _
from aigc_cli.render.tables import print_table
from aigc_cli.render.terminal import Terminal

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PHASES = {
    "load": N_("reading the model"),
    "check": N_("checking that it is read rightly"),
    "sft": N_("learning from what you liked"),
    "kto": N_("learning from what you liked and disliked"),
    "dpo": N_("learning from what you preferred"),
    "reward": N_("learning to judge as you do"),
    "grpo": N_("trying answers and keeping what you would like"),
    "rloo": N_("trying answers and keeping what you would like"),
    "examine": N_("examining what it answers"),
}
CHECKS = {
    "empty": N_("answers without a word"),
    "loops": N_("answers that go in circles"),
    "cut off": N_("answers without an end"),
    "off topic": N_("answers beside the question"),
    "surprise": N_("surprise of the model at the answers"),
    "neutral text": N_("perplexity on a neutral text"),
    "preference": N_("liked above disliked, unseen votes"),
    "conversion": N_("difference after conversion"),
}


class TrainingProgress:
    """Shows phases and steps: a bar on a terminal, a line at every phase and tenth anywhere else."""

    def __init__(self, terminal: Terminal, bar: Progress | None) -> None:
        self._terminal = terminal
        self._bar = bar
        self._task: TaskID | None = None
        self._phase = ""
        self._tenth = -1

    def phase(self, name: str) -> None:
        """Begin a phase."""
        if name == self._phase:
            return
        self._phase, self._tenth = name, -1
        title = _(PHASES[name])
        if self._bar is None:
            self._line(title)
        elif self._task is None:
            self._task = self._bar.add_task(title, total=None, facts="")
            self._bar.start()
        else:
            self._bar.reset(self._task, description=title, total=None, facts="")

    def step(self, done: int, total: int, loss: float | None = None, margin: float | None = None) -> None:
        """Show how far the phase is."""
        facts = "" if loss is None else _("loss {loss:.3f}").format(loss=loss)
        if margin is not None:
            facts += "  " + _("margin {margin:+.2f}").format(margin=margin)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total, facts=facts)
        elif total and 10 * done // total > self._tenth:
            self._tenth = 10 * done // total
            self._line(f"{_(PHASES[self._phase])}: {done}/{total}  {facts}".rstrip())

    def _line(self, text: str) -> None:
        self._terminal.stream.write(text + "\n")
        self._terminal.stream.flush()


@contextmanager
def training_progress(terminal: Terminal) -> Iterator[TrainingProgress]:
    """Give what shows how far a training is."""
    bar = _bar(terminal) if terminal.cursor else None
    try:
        yield TrainingProgress(terminal, bar)
    finally:
        if bar is not None:
            bar.stop()


def print_checks(terminal: Terminal, gate: Mapping[str, Any]) -> None:
    """Write what an examination found."""
    rows = [
        {
            "check": _(CHECKS[check["name"]]),
            "base": figure(check, "base"),
            "adapter": figure(check, "adapter"),
            "limit": figure(check, "limit"),
            "passed": _("passed") if check["passed"] else _("failed: {reason}").format(reason=_(check["reason"])),
        }
        for check in gate["checks"]
    ]
    titles = {"check": _("test"), "base": _("model"), "adapter": _("adapter"), "limit": _("limit"), "passed": ""}
    print_table(terminal, rows, titles)


def figure(check: Mapping[str, Any], name: str) -> str:
    """Return a figure of a check as people read it: shares in percent."""
    value = check[name]
    if value is None:
        return ""
    shares = ("empty", "loops", "cut off", "off topic", "preference")
    return f"{value:.0%}" if check["name"] in shares else f"{value:.3g}"


def _bar(terminal: Terminal) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(file=terminal.stream, force_terminal=True, no_color=not terminal.color, highlight=False)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[facts]}", markup=False),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
