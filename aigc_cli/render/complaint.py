"""Errors as one line on standard error; bugs also as a file to send."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from aigc_cli.core.errors import AigcError
from aigc_cli.core.text import Notice
from aigc_cli.i18n import _


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
        from aigc_cli.render.filter import one_line

        sys.stderr.write(f"aigc: {one_line(line)}\n")
        sys.stderr.flush()


def report(folder: Path, error: BaseException) -> str:
    """Write the traceback of a bug to a new file in ``folder`` and return the line that says so."""
    import traceback

    path = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    kind = f"{type(error).__name__}: {error}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as out:
            out.writelines(traceback.format_exception(error))
    except OSError:
        traceback.print_exception(error)
        return _("this is a bug in aigc ({kind})").format(kind=kind)
    return _("this is a bug in aigc ({kind}); please report it with {path}").format(kind=kind, path=path)
