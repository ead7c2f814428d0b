"""``aigc completion``: completion scripts for shells."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from aigc_cli.core.errors import UnreadableFile
from aigc_cli.i18n import _

_HOMES = {
    "bash": ("XDG_DATA_HOME", ".local/share", "bash-completion/completions/aigc"),
    "zsh": ("XDG_DATA_HOME", ".local/share", "zsh/site-functions/_aigc"),
    "fish": ("XDG_CONFIG_HOME", ".config", "fish/completions/aigc.fish"),
}


@click.command(
    help=_("Complete commands in your shell: print the script for it, or put it where the shell looks for it.")
)
@click.argument("shell", type=click.Choice(list(_HOMES)))
@click.option("--install", is_flag=True, help=_("Write the script to your folder of completions."))
@click.pass_context
def completion(ctx: click.Context, shell: str, install: bool) -> None:
    """Print or install the script of one shell."""
    maker = get_completion_class(shell)
    assert maker is not None  # noqa: S101 - click knows every shell in _HOMES
    script = maker(ctx.find_root().command, {}, "aigc", "_AIGC_COMPLETE").source()
    if not install:
        click.echo(script)
        return
    path = _write(shell, script)
    click.echo(_("wrote {path}; it works in the next shell").format(path=path), err=True)
    if shell == "zsh":
        line = f"fpath=({path.parent} $fpath)"
        click.echo(_("~/.zshrc needs this line before compinit: {line}").format(line=line), err=True)


def _write(shell: str, script: str) -> Path:
    variable, fallback, name = _HOMES[shell]
    path = Path(os.environ.get(variable) or Path.home() / fallback) / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script + "\n", encoding="utf-8")
    except OSError as error:
        raise UnreadableFile(path=path, detail=error.strerror) from error
    return path
