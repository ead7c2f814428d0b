"""Reading texts: what is piped in, and files."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from aigc_cli.core.decode import decode
from aigc_cli.core.errors import UnreadableFile
from aigc_cli.i18n import _
from aigc_cli.render.complaint import complain

PATIENCE = 3.0
"""Seconds after which the user is told that the program waits for a pipe that says nothing."""


def piped_text() -> str:
    """Return the text piped into this process, or "" if there is none or standard input is a terminal.

    Raises:
        UndecodableInput: if it is not text in a known encoding.
    """
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return ""
    reminder = threading.Timer(PATIENCE, complain, [_("waiting for the text piped in; end it with Ctrl+D")])
    reminder.daemon = True
    reminder.start()
    try:
        data = sys.stdin.buffer.read()
    finally:
        reminder.cancel()
    return decode(data, _("standard input"))


def text_of(path: Path) -> str:
    """Return the text in a file.

    Raises:
        UnreadableFile: if it cannot be read.
        UndecodableInput: if it is not text in a known encoding.
    """
    try:
        return decode(path.read_bytes(), str(path))
    except OSError as error:
        raise UnreadableFile(path=path, detail=error.strerror) from error
