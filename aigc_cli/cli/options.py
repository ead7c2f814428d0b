"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from aigc_cli.app import App
from aigc_cli.i18n import _

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
quiet_option = click.option("-q", "--quiet", is_flag=True, help=_("Print the answer and nothing else."))


def _complete_models(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in App().loader.names() if name.startswith(incomplete)]


model_option = click.option(
    "-m", "--model", shell_complete=_complete_models, help=_("Model: an alias, a path, or pypi:NAME, hf:ORG/REPO/FILE.")
)


def complete_adapters(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of adapters that begin with ``incomplete``, for the shell."""
    return [one.name for one in App().adapters.all() if one.name.startswith(incomplete)]


adapter_option = click.option(
    "--adapter",
    "adapters",
    multiple=True,
    metavar="NAME[:SCALE]|none",
    shell_complete=complete_adapters,
    help=_("LoRA adapter to answer with in place of the one in use: a name, or a file; repeatable."),
)


def sampling_options(command: F) -> F:
    """Add the options that say how tokens are drawn and when to stop."""
    for option in reversed(
        [
            click.option("--max-tokens", type=click.IntRange(min=1), help=_("Longest answer, in tokens.")),
            click.option("--temperature", type=click.FloatRange(min=0), help=_("Randomness; 0 is none.")),
            click.option("--top-p", type=click.FloatRange(0, 1), help=_("Draw from this much probability.")),
            click.option(
                "--min-p", type=click.FloatRange(0, 1), help=_("Leave out tokens less likely than this share.")
            ),
            click.option("--seed", type=click.IntRange(0, 2**32 - 2), help=_("Same seed, same answer.")),
            click.option("--stop", multiple=True, metavar="TEXT", help=_("End the answer before TEXT; repeatable.")),
        ]
    ):
        command = option(command)
    return command
