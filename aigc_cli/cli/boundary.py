"""The one place where an error becomes a line on standard error and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from aigc_cli.app import App
from aigc_cli.core.errors import AigcError
from aigc_cli.render.complaint import complain, explain, report

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
        complain(report(App().paths.state, error))
        outcome.code = 1


def flush() -> None:
    """Write out what is buffered, so that a closed pipe shows here and not while the interpreter shuts down."""
    if sys.stdout:
        sys.stdout.flush()


def _abandon_stdout() -> None:
    """Point standard output at nothing, so that the interpreter does not try to flush it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
