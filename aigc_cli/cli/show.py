"""What the commands need to show things: the streams of this process, judged as the user wishes."""

from __future__ import annotations

import sys
from typing import Any

from aigc_cli.app import App
from aigc_cli.core.renderer import Renderer
from aigc_cli.render.aside import Aside
from aigc_cli.render.choose import choose
from aigc_cli.render.terminal import Terminal, inspect


def out(app: App) -> Terminal:
    """Return standard output."""
    return inspect(sys.stdout, color=app.color)


def err(app: App) -> Terminal:
    """Return standard error."""
    return inspect(sys.stderr, color=app.color)


def renderer(app: App, **options: Any) -> Renderer:  # noqa: ANN401 - `choose` declares the options
    """Return the renderer of answers for these options, through which the app's notices go, too."""
    chosen = choose(out(app), err(app), **options)
    app.notify = chosen.handle
    return chosen


def notices(app: App, *, quiet: bool = False) -> None:
    """Show the app's notices on standard error."""
    app.notify = Aside(err(app), quiet=quiet).notice
