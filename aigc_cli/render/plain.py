"""Text as it is: for pipes, files, terminals that cannot redraw, and those who ask for it."""

from __future__ import annotations

from aigc_cli.core.text import N_, Notice
from aigc_cli.render.answer import AnswerRenderer
from aigc_cli.render.aside import Aside
from aigc_cli.render.filter import OutputFilter
from aigc_cli.render.terminal import Terminal


class PlainRenderer(AnswerRenderer):
    """Writes each answer as it grows and ends it with exactly one newline.

    Args:
        stdout: Takes the answers.
        aside: Takes everything else.
        candidates: How many answers to expect.
        stream: False writes each answer at once when it is complete.
        extract: Write only what is inside the first fenced code block of an answer, if it has one.
        raw: Change nothing where stdout is not a terminal; on a terminal the filter always stays.
    """

    def __init__(
        self,
        stdout: Terminal,
        aside: Aside,
        *,
        candidates: int = 1,
        stream: bool = True,
        extract: bool = False,
        raw: bool = False,
    ) -> None:
        super().__init__(stdout, aside, candidates=candidates)
        self._collects = extract or not stream
        self._extract = extract
        self._filters = stdout.is_tty or not raw
        self._filter = OutputFilter()
        self._collected: list[str] = []
        self._newlines = ""
        self._first = True

    def _begin(self, heading: str) -> None:
        if heading:
            self._put(heading + "\n" if self._first else f"\n{heading}\n")
        self._first = False

    def _write(self, text: str) -> None:
        if self._collects:
            self._collected.append(text)
        else:
            self._pass_on(self._filter.feed(text) if self._filters else text)

    def _end(self) -> None:
        if self._collected:
            text = "".join(self._collected)
            self._collected = []
            if self._extract:
                from aigc_cli.render.extract import first_code_block

                block = first_code_block(text)
                if block is None:
                    self._aside.notice(Notice(N_("there is no code block in the answer: all of it is printed")))
                else:
                    text = block
            self._pass_on(self._filter.feed(text) if self._filters else text)
        self._pass_on(self._filter.flush())
        self._newlines = ""
        self._put("\n")

    def _pass_on(self, text: str) -> None:
        """Write ``text`` but for the newlines at its end, which may turn out to be the end of the answer."""
        body = text.rstrip("\n")
        if body:
            self._put(self._newlines + body)
            self._newlines = ""
        self._newlines += text[len(body) :]

    def _put(self, text: str) -> None:
        self._stdout.stream.write(text)
        self._stdout.stream.flush()
