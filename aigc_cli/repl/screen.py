"""What the chat shows; all of it goes through the render layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from aigc_cli.core.errors import AigcError
from aigc_cli.core.renderer import Renderer
from aigc_cli.core.text import Notice
from aigc_cli.i18n import _
from aigc_cli.render.aside import Aside
from aigc_cli.render.choose import choose
from aigc_cli.render.complaint import complain, explain
from aigc_cli.render.definitions import print_definitions
from aigc_cli.render.duel import print_duel
from aigc_cli.render.filter import one_line, sanitize
from aigc_cli.render.markdown import print_markdown
from aigc_cli.render.tables import print_fields, print_table, print_text
from aigc_cli.render.terminal import Terminal
from aigc_cli.render.wrap import wrap


class Screen:
    """The terminal between two prompts.

    Args:
        out: Takes answers and listings.
        err: Takes notices and errors.
        markdown: Tells whether Markdown is to be rendered.
    """

    def __init__(self, out: Terminal, err: Terminal, markdown: Callable[[], bool]) -> None:
        self.out = out
        self.err = err
        self._markdown = markdown
        self._waiting: list[Notice] | None = None

    def renderer(self) -> Renderer:
        """Return what shows one answer."""
        return choose(self.out, self.err, markdown=self._markdown())

    def notice(self, notice: Notice) -> None:
        """Show a sentence, as soon as nobody is typing."""
        if self._waiting is not None:
            self._waiting.append(notice)
        else:
            self._flush()
            Aside(self.err).notice(notice)

    def say(self, template: str, **params: object) -> None:
        """Show a sentence marked for translation."""
        self.notice(Notice(template, params))

    @contextmanager
    def typing(self) -> Iterator[None]:
        """Keep notices back, which come from the thread that loads the model, while a line is edited."""
        self._flush()
        self._waiting = []
        try:
            yield
        finally:
            waiting, self._waiting = self._waiting, None
            for notice in waiting:
                self.notice(notice)

    def error(self, error: AigcError) -> None:
        """Show an expected error in one line."""
        self.complain(explain(error))

    def complain(self, line: str) -> None:
        """Show what went wrong in one line."""
        self._flush()
        complain(line, self.err.stream, self.err.size()[0] if self.err.is_tty else None)

    def heading(self, text: str) -> None:
        """Show one line that stands above others."""
        line = self._cut(one_line(text))
        self.out.stream.write(f"\x1b[1m{line}\x1b[0m\n" if self.out.styled else line + "\n")

    def row(self, text: str) -> None:
        """Show one line, with the space at its beginning; a terminal shows as much of it as fits."""
        self.out.stream.write(self._cut(" ".join(sanitize(text).split("\n"))) + "\n")

    def text(self, text: str) -> None:
        """Show a text as it is."""
        print_text(self.out, text)

    def prose(self, text: str) -> None:
        """Show what a person wrote, its lines broken between words."""
        columns, _lines = self.out.size()
        lines = sanitize(text).expandtabs(4).split("\n")
        self.text("\n".join(line[start:end] for line in lines for start, end in wrap(line, columns)))

    def message(self, text: str) -> None:
        """Show what the model wrote at another time."""
        if self._markdown():
            print_markdown(self.out, text)
        else:
            print_text(self.out, text)

    def duel(self, first: str, second: str) -> None:
        """Show two answers to choose from."""
        print_duel(self.out, first, second, markdown=self._markdown())

    def table(self, rows: Sequence[Mapping[str, object]], columns: Mapping[str, str]) -> None:
        """Show a listing; the titles of the columns are marked for translation."""
        print_table(self.out, rows, {key: title and _(title) for key, title in columns.items()})

    def definitions(self, definitions: Mapping[str, str]) -> None:
        """Show terms and what they mean, both translated."""
        print_definitions(self.out, definitions)

    def fields(self, fields: Mapping[str, object]) -> None:
        """Show titles, marked for translation, with their values."""
        print_fields(self.out, {_(title): value for title, value in fields.items()})

    def gap(self) -> None:
        """Leave a line free."""
        self.out.stream.write("\n")
        self._flush()

    def _cut(self, line: str) -> str:
        if not self.out.is_tty:
            return line
        (start, end), *more = wrap(line.expandtabs(4), self.out.size()[0] - 1)
        return f"{line[start:end]}…" if more else line

    def _flush(self) -> None:
        self.out.stream.flush()
