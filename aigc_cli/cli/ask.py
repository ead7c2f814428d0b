"""``aigc ask``: one prompt, one answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from aigc_cli.app import App
from aigc_cli.cli import chat, show
from aigc_cli.cli.boundary import INTERRUPTED
from aigc_cli.cli.options import (
    adapter_option,
    json_option,
    model_option,
    quiet_option,
    sampling_options,
)
from aigc_cli.cli.texts import piped_text
from aigc_cli.core.answer import Event
from aigc_cli.core.errors import UnreadableFile, UsageProblem
from aigc_cli.core.interrupt import interrupts
from aigc_cli.core.renderer import Renderer
from aigc_cli.i18n import _
from aigc_cli.services.attachments import attach, read_text, with_attachments
from aigc_cli.services.compose import Wish

SAMPLING = ("temperature", "top_p", "min_p", "seed")


@click.command(help=_("Answer one prompt. Text piped in and files are added after it."))
@click.argument("prompt", nargs=-1)
@model_option
@click.option("-s", "--system", help=_("System prompt."))
@click.option("-t", "--template", help=_("Prompt template; see `aigc prompts list`."))
@click.option("-p", "--param", "params", multiple=True, metavar="K=V", help=_("Variable of the template; repeatable."))
@click.option(
    "-f",
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help=_("Add a text file, or a folder of them; repeatable."),
)
@click.option("-c", "--continue", "continued", is_flag=True, help=_("Continue the last conversation."))
@click.option("--conversation", metavar="REF", help=_("Continue this conversation, or from this turn."))
@click.option("-n", "--candidates", type=click.IntRange(1, 64), default=1, help=_("Answer this many times."))
@click.option(
    "--pick", is_flag=True, help=_("Of the answers that -n asks for, print the one your votes say you like best.")
)
@click.option(
    "--schema",
    type=click.Path(path_type=Path),
    help=_("JSON Schema file that the answer must satisfy; enforced while it is written."),
)
@adapter_option
@sampling_options
@click.option(
    "--overflow",
    type=click.Choice(["drop", "summarize", "error"]),
    help=_("What to do with the oldest turns if all do not fit the context."),
)
@click.option("-x", "--extract", is_flag=True, help=_("Print only the first fenced code block."))
@click.option("--raw", is_flag=True, help=_("Print the text as the model wrote it, without rendering."))
@click.option("--no-stream", is_flag=True, help=_("Print the answer when it is complete."))
@click.option("--no-learn", is_flag=True, help=_("Let the answer learn nothing from your votes."))
@click.option("--no-save", is_flag=True, help=_("Keep nothing in the history."))
@quiet_option
@json_option
@click.pass_obj
def ask(
    app: App,
    /,
    prompt: tuple[str, ...],
    model: str | None,
    template: str | None,
    params: tuple[str, ...],
    files: tuple[Path, ...],
    continued: bool,
    conversation: str | None,
    candidates: int,
    pick: bool,
    schema: Path | None,
    adapters: tuple[str, ...],
    extract: bool,
    raw: bool,
    no_stream: bool,
    no_learn: bool,
    no_save: bool,
    quiet: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - click checks their types
) -> None:
    """Answer one prompt and print the answer; without one, chat if this is a terminal."""
    if pick and candidates < 2:
        raise UsageProblem(detail=_("--pick needs something to choose from: say how many with -n"))
    follow = conversation or ("last" if continued else None)
    if not (prompt or template or files) and chat.on_a_terminal():
        chat.run(app, model=model, system=options["system"], follow=follow, save=not no_save)
        return
    style = {"markdown": app.settings.markdown, "extract": extract, "raw": raw, "stream": not no_stream}
    shown, drawn = (1, candidates) if pick else (candidates, 1)
    renderer = show.renderer(app, json=as_json, quiet=quiet, candidates=shown, **style)
    wish = Wish(
        text=_joined(" ".join(prompt), piped_text(), files),
        template=template,
        variables=dict(map(_pair, params)),
        sampling={name: options[name] for name in SAMPLING if options[name] is not None},
        candidates=shown,
        pick_from=drawn,
        learn=not no_learn,
        schema=_schema(schema) if schema else None,
        adapters=adapters,
        **{name: options[name] for name in ("system", "max_tokens", "stop", "overflow")},
    )
    save = app.settings.save and not no_save
    cancel = threading.Event()
    _show(app.ask(wish, model=model, follow=follow, save=save, cancel=cancel), renderer, cancel)


def _show(events: Generator[Event, None, None], renderer: Renderer, cancel: threading.Event) -> None:
    """Show an answer; where nobody reads it any more it ends here, while the engine is still there to end it."""
    with interrupts(cancel), closing(renderer), closing(events):
        for event in events:
            renderer.handle(event)
    if cancel.is_set():
        click.get_current_context().exit(INTERRUPTED)


def _joined(prompt: str, piped: str, files: tuple[Path, ...]) -> str:
    """Join what there is of the prompt, the pipe and the files by blank lines."""
    typed = "\n\n".join(part.strip("\n") for part in (prompt, piped) if part.strip())
    return with_attachments(typed, [attachment for path in files for attachment in attach(path)])


def _schema(path: Path) -> dict[str, object]:
    try:
        schema = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(path=path, detail=error) from error
    if not isinstance(schema, dict):
        raise UnreadableFile(path=path, detail=_("it is no JSON Schema, which is an object"))
    return schema


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(_("write it as NAME=VALUE"), param_hint="-p")
    return key, value
