"""Reading what is piped in."""

from __future__ import annotations

import sys
import threading

from aigc_cli.core.decode import decode
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
