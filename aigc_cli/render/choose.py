"""Which renderer shows an answer."""

from __future__ import annotations

from aigc_cli.core.renderer import Renderer
from aigc_cli.render.aside import Aside
from aigc_cli.render.json_ import JsonRenderer
from aigc_cli.render.plain import PlainRenderer
from aigc_cli.render.terminal import Terminal


def choose(
    stdout: Terminal,
    stderr: Terminal,
    *,
    json: bool = False,
    markdown: bool = True,
    raw: bool = False,
    stream: bool = True,
    extract: bool = False,
    quiet: bool = False,
    candidates: int = 1,
) -> Renderer:
    """Return the renderer that these options ask for on these streams.

    Args:
        stdout: Takes the answer.
        stderr: Takes notices and progress.
        json: One object instead of text.
        markdown: Render Markdown on a terminal.
        raw: The text as the model wrote it: no Markdown, and on a pipe no filter.
        stream: Show the answer as it grows.
        extract: Only the first code block.
        quiet: No notices and no progress.
        candidates: How many answers to expect.
    """
    aside = Aside(stderr, quiet=quiet)
    if json:
        return JsonRenderer(stdout, aside)
    if stdout.cursor and markdown and not raw and not extract:
        from aigc_cli.render.markdown import MarkdownRenderer

        return MarkdownRenderer(stdout, aside, candidates=candidates, stream=stream)
    return PlainRenderer(stdout, aside, candidates=candidates, stream=stream, extract=extract, raw=raw)
