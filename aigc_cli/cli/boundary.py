"""The one place where an error becomes a line on standard error and an exit code."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from aigc_cli.app import App
from aigc_cli.core.errors import AigcError
from aigc_cli.core.text import Notice
from aigc_cli.i18n import _

INTERRUPTED = 130
BROKEN_PIPE = 141


@dataclass
class Outcome:
    """The exit code of a command line."""

    code: int = 0


@contextmanager
def guarded() -> Iterator[Outcome]:
    """Turn whatever the body raises into an exit code, saying in one line what is wrong and what helps."""
    outcome = Outcome()
    try:
        try:
            yield outcome
        finally:
            flush()
    except click.exceptions.Exit as stop:
        outcome.code = stop.exit_code
    except (KeyboardInterrupt, click.Abort):
        outcome.code = INTERRUPTED
    except BrokenPipeError:
        _abandon_stdout()
        outcome.code = BROKEN_PIPE
    except click.ClickException as error:
        error.show()
        outcome.code = error.exit_code
    except AigcError as error:
        complain(explain(error))
        outcome.code = error.exit_code
    except Exception as error:
        complain(_report(error))
        outcome.code = 1


def explain(error: AigcError) -> str:
    """Return an expected error as one line in the language of the interface, with its remedy."""
    params = {name: _translated(value) for name, value in error.params.items()}
    message = _(error.template).format(**params)
    if error.hint:
        hint = _(error.hint).format(**params)
        message = _("{message}; {hint}").format(message=message, hint=hint)
    return message


def _translated(value: object) -> object:
    """Return a parameter in the language of the interface where it is a sentence of ours."""
    if isinstance(value, Notice):
        return _(value.template).format(**{name: _translated(param) for name, param in value.params.items()})
    return _(value) if isinstance(value, str) and value else value


def complain(line: str) -> None:
    """Write one line to standard error, whatever it holds."""
    if sys.stderr:
        from aigc_cli.render.filter import sanitize

        print(f"aigc: {' '.join(sanitize(line).split())}", file=sys.stderr)  # noqa: T201 - no renderer needed for one line


def flush() -> None:
    """Write out what is buffered, so that a closed pipe shows here and not while the interpreter shuts down."""
    if sys.stdout:
        sys.stdout.flush()


def _abandon_stdout() -> None:
    """Point standard output at nothing, so that the interpreter does not try to flush it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: Exception) -> str:
    """Write the traceback of a bug to a file and return the line that says so."""
    import traceback

    folder = App().paths.state
    path = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    kind = f"{type(error).__name__}: {error}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as out:
            out.writelines(traceback.format_exception(error))
    except OSError:
        traceback.print_exception(error)
        return _("this is a bug in aigc ({kind})").format(kind=kind)
    return _("this is a bug in aigc ({kind}); please report it with {path}").format(kind=kind, path=path)
