"""``aigc generate``: run a generator; each is a command of its own as well."""

from __future__ import annotations

import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from aigc_cli.app import App
from aigc_cli.cli import show
from aigc_cli.cli.boundary import INTERRUPTED
from aigc_cli.cli.commands import named, plugin_summary
from aigc_cli.cli.generators import command_of, read_named
from aigc_cli.core.errors import AigcError, OutputExists, UnwritableFile, UsageProblem
from aigc_cli.core.generator import Artifact, Confirm, Edit, Generator, OptionValue, option_values
from aigc_cli.core.interrupt import interrupts, raises_interrupts
from aigc_cli.core.making import Made
from aigc_cli.core.text import N_
from aigc_cli.i18n import _
from aigc_cli.render.filter import one_line
from aigc_cli.render.making import check_data, print_check
from aigc_cli.services.attachments import read_text
from aigc_cli.services.editor import edit
from aigc_cli.services.files import replace_file
from aigc_cli.services.order import NOBODY, Asking, Order

CHECK_FAILED = 5


class Generators(click.Group):
    """The generators that plugins offer; a plugin is imported when its own command is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all plugins that are not disabled."""
        return ctx.ensure_object(App).plugin_names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the plugin and make a command of its generator."""
        app = ctx.ensure_object(App)
        if cmd_name not in app.plugin_names():
            return None
        try:
            return command_of(app.plugins.generator(cmd_name), _make, _check)
        except AigcError:
            if ctx.resilient_parsing:  # a shell completes, and wants no errors
                return None
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the names without importing anything."""
        if names := self.list_commands(ctx):
            with formatter.section(_("Plugins")):
                formatter.write_dl([(name, plugin_summary(name)) for name in names])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the names without importing anything."""
        summaries = {name: plugin_summary(name) for name in self.list_commands(ctx)}
        return [*named(summaries, incomplete), *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(
    cls=Generators,
    subcommand_metavar="NAME [TOPIC]...",
    help=_("Run a generator that a plugin offers. `aigc NAME TOPIC` does the same as `aigc generate NAME TOPIC`."),
)
def generate() -> None:
    """Group the generators."""


def _make(app: App, generator: Generator, topic: str, options: dict[str, OptionValue], given: dict[str, Any]) -> None:
    """Run a generator and show or write what it makes."""
    if not topic and not any(options.get(option.name) for option in generator.options if option.type == "file"):
        raise UsageProblem(detail=N_("there is nothing to work on: give a topic, or pipe text in"))
    save = app.settings.save and not given["no_save"]
    if given["resume"] and not save:
        raise UsageProblem(detail=N_("what is not kept (--no-save) cannot be resumed"))
    path: Path | None = given["output"]
    if path:
        _look_ahead(path, force=given["force"])
    order = Order(
        generator=generator,
        topic=topic,
        options=options,
        language=given["lang"] or app.language_of(topic),
        learn=not given["no_learn"],
        **{name: given[name] for name in ("candidates", "temperature", "seed", "max_tokens")},
    )
    renderer = show.making_renderer(app, json=given["as_json"], quiet=given["quiet"])
    asking = Asking(_confirm, _edit) if _can_ask() else NOBODY
    cancel = threading.Event()
    made = None
    with interrupts(cancel), closing(renderer):
        for event in app.generate(
            order,
            model=given["model"],
            store=app.store if save else None,
            resume=given["resume"],
            cancel=cancel,
            asking=asking,
            adapters=given["adapters"],
        ):
            if isinstance(event, Made):
                renderer.close()  # the user may be asked
                made = event = _written(app, event, path, force=given["force"])
            renderer.handle(event)
    if made is None:
        click.get_current_context().exit(INTERRUPTED)
    if given["strict"] and not made.artifact.check.valid:
        click.get_current_context().exit(CHECK_FAILED)


def _check(app: App, generator: Generator, file: str, options: dict[str, OptionValue], given: dict[str, Any]) -> None:
    """Check a text and say what is wrong with it."""
    text = read_named(file)
    assert generator.check is not None  # noqa: S101 - else there is no such command
    language = given["lang"] or app.language_of(text)
    check = generator.check(text, option_values(generator.options, options), language)
    if given["as_json"]:
        from aigc_cli.render.tables import print_json

        print_json(show.out(app), {"generator": generator.name, "check": check_data(check)})
    else:
        print_check(show.out(app), check)
    if not check.valid:
        click.get_current_context().exit(CHECK_FAILED)


def _can_ask() -> bool:
    """Tell whether a person can be asked; the questions are on standard error."""
    return bool(sys.stdin and sys.stderr and sys.stdin.isatty() and sys.stderr.isatty())


def _confirm(step: Confirm) -> bool:
    with raises_interrupts():
        return click.confirm(one_line(step.question), err=True)


def _edit(step: Edit) -> str:
    with raises_interrupts():
        return edit(step.text, step.suffix)


def _look_ahead(path: Path, *, force: bool) -> None:
    """Find out before the work, not after it, that the result could not be written."""
    if not path.parent.is_dir():
        raise UnwritableFile(path=path, detail=N_("there is no such folder"))
    if path.exists() and not force and not _can_ask():
        raise OutputExists(path=path)


def _written(app: App, made: Made, path: Path | None, *, force: bool) -> Made:
    """Write what was made to ``path`` if there is one and the user agrees to replace what is there."""
    if path is None or not made.artifact.text.strip():
        return made
    text = _as_file(made.artifact, path)
    if path.exists() and not force:
        if made.artifact.format == "code":
            from aigc_cli.render.difference import print_difference

            print_difference(show.err(app), read_text(path), text, path.name)
        question = _("{path} exists already. Replace it?").format(path=one_line(str(path)))
        if not _confirm(Confirm(question)):
            return made
    replace_file(path, text)
    return replace(made, path=path)


def _as_file(artifact: Artifact, path: Path) -> str:
    """Return an artifact as it is written to a file of this name: Markdown may become a page."""
    if artifact.format == "markdown" and path.suffix.lower() in (".html", ".htm"):
        from aigc_cli.render.document import text_page

        return text_page(artifact.title, artifact.text)
    return artifact.text.rstrip("\n") + "\n"
