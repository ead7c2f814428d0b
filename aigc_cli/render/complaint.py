"""Errors as one line on standard error; bugs also as a file to send."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TextIO

from aigc_cli.core.errors import AigcError
from aigc_cli.core.text import Notice
from aigc_cli.i18n import _, say


def explain(error: AigcError) -> str:
    """Return an expected error as one line in the language of the interface, with its remedy."""
    message = say(Notice(error.template, error.params))
    if error.hint:
        message = _("{message}; {hint}").format(message=message, hint=say(Notice(error.hint, error.params)))
    return message


def complain(line: str, stream: TextIO | None = None, columns: int | None = None) -> None:
    """Write one line, whatever it holds, to standard error or another stream, broken after so many columns if given."""
    if stream := stream or sys.stderr:
        from aigc_cli.render.filter import one_line

        text = f"aigc: {one_line(line)}"
        if columns:
            from aigc_cli.render.wrap import wrap

            text = "\n".join(text[start:end] for start, end in wrap(text, max(2, columns)))
        stream.write(f"{text}\n")
        stream.flush()


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
