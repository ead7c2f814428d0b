"""What would change in a file."""

from __future__ import annotations

from difflib import unified_diff

from aigc_cli.render.filter import one_line, sanitize
from aigc_cli.render.terminal import Terminal

_COLORS = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}


def print_difference(terminal: Terminal, before: str, after: str, name: str) -> None:
    """Write the difference between two texts as ``diff -u`` does, in colour where there is colour."""
    old, new = sanitize(before).splitlines(), sanitize(after).splitlines()
    for line in unified_diff(old, new, one_line(name), one_line(name), lineterm=""):
        color = _COLORS.get(line[:1], "") if terminal.color else ""
        terminal.stream.write(f"{color}{line}\x1b[0m\n" if color else line + "\n")
    terminal.stream.flush()
