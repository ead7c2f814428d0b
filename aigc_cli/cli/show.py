"""What the commands need to show things: the streams of this process, judged as the user wishes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from aigc_cli.app import App
from aigc_cli.core.renderer import Renderer
from aigc_cli.core.text import Notice
from aigc_cli.render.aside import Aside
from aigc_cli.render.choose import choose
from aigc_cli.render.making import MakingRenderer
from aigc_cli.render.progress import progress
from aigc_cli.render.terminal import Terminal, inspect


def out(app: App) -> Terminal:
    """Return standard output."""
    return inspect(sys.stdout, color=app.color)


def err(app: App) -> Terminal:
    """Return standard error."""
    return inspect(sys.stderr, color=app.color)


def renderer(app: App, *, quiet: bool = False, **options: Any) -> Renderer:  # noqa: ANN401 - `choose` declares them
    """Return the renderer of answers for these options; what the app has to say besides goes through it, too."""
    chosen = choose(out(app), err(app), quiet=quiet, **options)
    _attach(app, chosen.handle, quiet)
    return chosen


def making_renderer(app: App, *, json: bool, quiet: bool) -> MakingRenderer:
    """Return what shows the work of a generator; what the app has to say besides goes through it, too."""
    renderer = MakingRenderer(out(app), err(app), json=json, markdown=app.settings.markdown, quiet=quiet)
    _attach(app, renderer.handle, quiet)
    return renderer


def notices(app: App, *, quiet: bool = False) -> None:
    """Show what the app has to say besides the data that a command prints."""
    _attach(app, Aside(err(app), quiet=quiet).notice, quiet)


def _attach(app: App, notify: Callable[[Notice], None], quiet: bool) -> None:
    app.notify = notify
    app.progress = lambda title: progress(err(app), title, quiet=quiet)
