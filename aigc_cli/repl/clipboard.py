"""Copying to the clipboard, also over SSH."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Mapping

from aigc_cli.render.terminal import Terminal

LONGEST = 100_000
"""Bytes of base64 that common terminals take in one sequence."""

_TOOLS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
    ("", ("pbcopy",)),
    ("", ("clip.exe",)),
)
_PATIENCE = 3.0  # seconds


def copy(text: str, terminal: Terminal, environ: Mapping[str, str] = os.environ) -> str:
    """Put ``text`` into the clipboard and return what did it: the name of a program, "OSC 52", or "" for nothing.

    On this machine a program does it where there is one. Over SSH the terminal has to (OSC 52 of xterm's control
    sequences), if the text is not too long for it; inside tmux the sequence is wrapped so that it gets through.
    """
    if not environ.get("SSH_TTY"):
        for variable, command in _TOOLS:
            if (not variable or environ.get(variable)) and _run(command, text):
                return command[0]
    sequence = osc52(text, inside_tmux=bool(environ.get("TMUX")))
    if not terminal.cursor or len(sequence) > LONGEST:
        return ""
    terminal.stream.write(sequence)
    terminal.stream.flush()
    return "OSC 52"


def osc52(text: str, *, inside_tmux: bool) -> str:
    """Return the sequence that makes a terminal put ``text`` into its clipboard."""
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    sequence = f"\x1b]52;c;{encoded}\x07"
    return f"\x1bPtmux;\x1b{sequence}\x1b\\" if inside_tmux else sequence


def _run(command: tuple[str, ...], text: str) -> bool:
    program = shutil.which(command[0])
    if program is None:
        return False
    try:
        subprocess.run(
            [program, *command[1:]],
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return True
