"""One JSON object for a program to read."""

from __future__ import annotations

import json
import re
from dataclasses import asdict

from aigc_cli.core.answer import Answered, Event
from aigc_cli.core.events import PromptProgress
from aigc_cli.core.text import Notice
from aigc_cli.render.aside import Aside
from aigc_cli.render.filter import FORBIDDEN
from aigc_cli.render.terminal import Terminal


class JsonRenderer:
    """Writes the complete answer with everything known about it as one line of JSON; the keys are documented."""

    def __init__(self, stdout: Terminal, aside: Aside) -> None:
        self._stdout = stdout
        self._aside = aside

    def handle(self, event: Event) -> None:
        """See `aigc_cli.core.renderer.Renderer.handle`."""
        match event:
            case Answered(answer=answer):
                self._aside.make_way(self._stdout)
                data = asdict(answer)
                self._stdout.stream.write(dumps({"version": data.pop("version"), **data}) + "\n")
                self._stdout.stream.flush()
            case PromptProgress():
                self._aside.progress(event)
            case Notice():
                self._aside.notice(event)

    def close(self) -> None:
        """See `aigc_cli.core.renderer.Renderer.close`."""
        self._aside.resume()


def dumps(data: object, *, indent: int | None = None) -> str:
    r"""Return JSON that is fit for a terminal and loses nothing: what the filter would remove is written as ``\uXXXX``.

    Paths and other values that JSON does not know become strings.
    """
    return FORBIDDEN.sub(_escape, json.dumps(data, ensure_ascii=False, indent=indent, default=str))


def _escape(match: re.Match[str]) -> str:
    # Between the tokens of JSON there are newlines, which stay; within strings json.dumps has escaped C0 itself.
    return json.dumps(match.group())[1:-1]
