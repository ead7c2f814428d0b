"""``aigc history export`` and ``import``: conversations out of the history and into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import click

from aigc_cli.app import App
from aigc_cli.cli import show as streams
from aigc_cli.cli.options import json_option
from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import UnwritableFile, UsageProblem
from aigc_cli.core.text import N_, Notice
from aigc_cli.i18n import _
from aigc_cli.render.filter import one_line, sanitize
from aigc_cli.render.tables import print_fields, print_json

TITLE = 60  # characters


@click.command(help=_("Write conversations as Markdown, HTML or JSON; without REF the last one."))
@click.argument("refs", metavar="[REF]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help=_("All conversations, the oldest first."))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["md", "html", "json", "jsonl"]),
    help=_("Format; otherwise what the name of the file says, or md. JSON has all branches."),
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help=_("Write to FILE, not standard output.")
)
@click.pass_obj
def export(app: App, refs: tuple[str, ...], everything: bool, format_: str | None, output: Path | None) -> None:
    """Write one conversation after the other, so that a history of any length needs little memory."""
    if refs and everything:
        raise UsageProblem(detail=Notice(N_("give either `--all` or the conversations you want")))
    if everything:
        refs = tuple(conversation.id for conversation in reversed(app.store.list_conversations()))
    elif not refs:
        refs = ("last",)
    tips = [app.store.follow(ref) for ref in refs]  # before anything is written
    suffix = output.suffix.lower().removeprefix(".") if output else ""
    write = WRITERS[format_ or (suffix if suffix in WRITERS else "md")]
    texts = write(app, tips)
    if output is None:
        out = streams.out(app)
        for text in texts:
            out.stream.write(sanitize(text) if out.is_tty else text)
        return
    with _replacing(output) as file:
        file.writelines(texts)


@click.command("import", help=_("Add conversations from an export of aigc or ChatGPT, or the database of `llm`."))
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def import_(app: App, file: Path, as_json: bool) -> None:
    """Say what was added; what was added before is not added again."""
    from aigc_cli.services.importing import import_file

    report = import_file(app.store, file)
    if as_json:
        print_json(streams.out(app), asdict(report))
        return
    fields = {
        _("conversations added"): report.conversations,
        _("turns added"): report.turns,
        _("turns there already"): report.present,
        _("entries skipped"): report.skipped,
    }
    print_fields(streams.out(app), fields)


def _markdown(app: App, tips: Sequence[Turn]) -> Iterator[str]:
    from aigc_cli.render.document import as_markdown

    for index, tip in enumerate(tips):
        path = app.store.path(tip.id)
        yield ("\n" if index else "") + as_markdown(_title(app, path), path)


def _html(app: App, tips: Sequence[Turn]) -> Iterator[str]:
    from aigc_cli.render.document import html_page

    def titled() -> Iterator[tuple[str, Sequence[Turn]]]:
        for tip in tips:
            path = app.store.path(tip.id)
            yield _title(app, path), path

    title = _title(app, app.store.path(tips[0].id)) if len(tips) == 1 else "aigc"
    return html_page(title, titled())


def _json(app: App, tips: Sequence[Turn]) -> Iterator[str]:
    """Yield one array, whatever the number of conversations."""
    between = "["
    for text in _trees(app, tips, indent=2):
        yield f"{between}\n{text}"
        between = ","
    yield "\n]\n" if tips else "[]\n"


def _json_lines(app: App, tips: Sequence[Turn]) -> Iterator[str]:
    for text in _trees(app, tips, indent=None):
        yield text + "\n"


def _trees(app: App, tips: Sequence[Turn], *, indent: int | None) -> Iterator[str]:
    from aigc_cli.render.document import as_json

    for tip in tips:
        turns = app.store.branch(tip.conversation)
        yield as_json(_title(app, turns), turns, indent=indent).rstrip("\n")


WRITERS: dict[str, Callable[[App, Sequence[Turn]], Iterable[str]]] = {
    "md": _markdown,
    "html": _html,
    "json": _json,
    "jsonl": _json_lines,
}


def _title(app: App, turns: Sequence[Turn]) -> str:
    """Return the title of a conversation, or else the beginning of its first question."""
    given = app.store.title(turns[0].conversation)
    return one_line(given) or next((one_line(turn.text)[:TITLE] for turn in turns if turn.role == "user"), "aigc")


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """Give a file that takes the place of the one at ``path`` once all is written; a device is written as it is."""
    path = path.expanduser()
    draft = path.with_name(f"{path.name}.new") if path.is_file() or not path.exists() else path
    try:
        with draft.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
            yield file
        if draft != path:
            draft.replace(path)
    except OSError as error:
        raise UnwritableFile(path=path, detail=error.strerror) from error
    finally:
        if draft != path:
            draft.unlink(missing_ok=True)
