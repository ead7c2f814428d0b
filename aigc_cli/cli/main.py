"""The entry point: lazy commands, and the one place where errors become a line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Literal, NoReturn

from aigc_cli import __version__
from aigc_cli.app import App

App().choose_language()

import click  # noqa: E402 - help is put together at import, in the language chosen above
from click.shell_completion import CompletionItem  # noqa: E402

from aigc_cli.cli.boundary import guarded  # noqa: E402
from aigc_cli.cli.commands import COMMANDS, load, named, plugin_summary  # noqa: E402
from aigc_cli.core.errors import AigcError  # noqa: E402
from aigc_cli.i18n import _  # noqa: E402

DEFAULT = "ask"


class Aigc(click.Group):
    """The root command; a first word that is no command begins a prompt."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which help shows them, and then those of plugins."""
        return [*COMMANDS, *_plugins(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command, or the plugin that has it."""
        if cmd_name in COMMANDS:
            return load(cmd_name)
        generators = load("generate")
        assert isinstance(generators, click.Group)  # noqa: S101
        return generators.get_command(ctx, cmd_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command in front of what is not one."""
        own = {name: option for option in self.get_params(ctx) for name in option.opts}
        start = 0
        while start < len(args) and (option := own.get(args[start].partition("=")[0])):
            takes_value = isinstance(option, click.Option) and not option.is_flag and "=" not in args[start]
            start += 2 if takes_value else 1
        asks_for_help = any(arg in ("-h", "--help", "--version") for arg in args[:start])
        names_command = start < len(args) and (args[start] in COMMANDS or args[start] in _plugins(ctx))
        # A shell that completes the first word is offered the commands.
        completes_first = ctx.resilient_parsing and start >= len(args)
        if not (asks_for_help or names_command or completes_first):
            args = [*args[:start], DEFAULT, *args[start:]]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(entry.summary)) for name, entry in COMMANDS.items()])
        if plugins := _plugins(ctx):
            with formatter.section(_("Plugins")):
                formatter.write_dl([(name, plugin_summary(name)) for name in plugins])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the commands without importing them."""
        summaries = {name: _(entry.summary) for name, entry in COMMANDS.items()}
        summaries |= {name: plugin_summary(name) for name in _plugins(ctx)}
        return [*named(summaries, incomplete), *click.Command.shell_complete(self, ctx, incomplete)]


def _plugins(ctx: click.Context) -> list[str]:
    """Return the plugins that may be commands; a settings file that is wrong is reported where it matters."""
    try:
        return [name for name in ctx.ensure_object(App).plugin_names() if name not in COMMANDS]
    except AigcError:
        return []


@click.command(
    cls=Aigc,
    name="aigc",
    subcommand_metavar="[PROMPT | COMMAND [ARGS]...]",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=_(
        "Chat with a model that runs on this machine.\n\n"
        'aigc "PROMPT" answers one prompt; text piped in is added to it. See `aigc ask --help` for its options. '
        "Without a prompt, aigc is a chat."
    ),
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), help=_("When to use colour."))
@click.version_option(__version__, "--version", message="aigc %(version)s", help=_("Show the version and exit."))
@click.pass_context
def cli(ctx: click.Context, color: Literal["auto", "always", "never"] | None) -> None:
    """Make what every command works with."""
    app = ctx.ensure_object(App)
    app.chosen_color = color
    ctx.call_on_close(app.close)


def run(args: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    with guarded() as outcome:
        if "_AIGC_COMPLETE" in os.environ:
            from click.shell_completion import shell_complete

            return shell_complete(cli, {}, "aigc", "_AIGC_COMPLETE", os.environ["_AIGC_COMPLETE"])
        with cli.make_context("aigc", list(args)) as ctx:
            cli.invoke(ctx)
    return outcome.code


def main() -> NoReturn:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))
