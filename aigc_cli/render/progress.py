"""How far a download has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aigc_cli.i18n import _
from aigc_cli.render.filter import one_line
from aigc_cli.render.terminal import Terminal

if TYPE_CHECKING:
    from rich.progress import Progress

_LINES_PER_DOWNLOAD = 10


@contextmanager
def progress(terminal: Terminal, title: str, *, quiet: bool = False) -> Iterator[Callable[[int, int | None], None]]:
    """Give a function that is called with the bytes done and, where known, all bytes.

    On a terminal a bar is shown from the first call until the context ends; anywhere else a line for every tenth.
    """
    if quiet:
        yield lambda done, total: None
    elif not terminal.cursor:
        yield _lines(terminal, title)
    else:
        shown: list[Progress] = []

        def update(done: int, total: int | None) -> None:
            if not shown:
                shown.append(_bar(terminal))
                shown[0].add_task(one_line(title), total=None)
                shown[0].start()
            shown[0].update(shown[0].task_ids[0], completed=done, total=total)

        try:
            yield update
        finally:
            for bar in shown:
                bar.stop()


def _lines(terminal: Terminal, title: str) -> Callable[[int, int | None], None]:
    written = 0

    def update(done: int, total: int | None) -> None:
        nonlocal written
        if total and done * _LINES_PER_DOWNLOAD // total > written:
            written = done * _LINES_PER_DOWNLOAD // total
            text = _("{title}: {percent}% of {megabytes} MB")
            values = {"title": one_line(title), "percent": 100 * done // total, "megabytes": total // 1_000_000}
            terminal.stream.write(text.format(**values) + "\n")
            terminal.stream.flush()

    return update


def _bar(terminal: Terminal) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    console = Console(file=terminal.stream, force_terminal=True, no_color=not terminal.color, highlight=False)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
