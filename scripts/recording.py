"""Record the pictures in the README: real commands in a real terminal, saved as SVG.

Usage: ``python -m scripts.recording``. The starter model is fetched, as it is for a new user.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path

import pexpect
import pyte
from rich.console import Console
from rich.style import Style
from rich.text import Text

ROOT = Path(__file__).parents[1]
COLUMNS, LINES = 100, 60
_COLORS = {"brown": "yellow"}
"""Names that pyte and rich do not share."""

SCENES = {
    "first-answer": (
        "en",
        [
            'aigc "Explain what a quantized model is, in two short paragraphs." --seed 3',
            "git log -3 --format=%s | aigc -t title --seed 1",
            'aigc -x "a Python function that adds two numbers" --seed 1',
            "aigc history search quantized",
        ],
    ),
    "chinese": (
        "zh",
        [
            'aigc "Say hello to a new user in one sentence." --seed 4',
            "aigc history search hello",
            "aigc -m nope 你好",
            "aigc models list",
        ],
    ),
}


def main() -> None:
    """Record every scene."""
    with tempfile.TemporaryDirectory() as home:
        record(home)


def record(home: str) -> None:
    """Record every scene with the settings, history and models of one new user."""
    for name, (language, commands) in SCENES.items():
        screen = pyte.Screen(COLUMNS, LINES)
        stream = pyte.Stream(screen)
        for command in commands:
            stream.feed(f"\x1b[1;32m$\x1b[0m {command}\r\n")
            stream.feed(output_of(command, {"AIGC_LANGUAGE": language, "AIGC_HOME": home}))
            stream.feed("\r\n")
        save(screen, ROOT / "docs" / "images" / f"{name}.svg")


def output_of(command: str, variables: dict[str, str]) -> str:
    """Return what a command writes to its terminal."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, **variables, "LANG": "C.UTF-8", "PATH": path, "TERM": "xterm-256color"}
    run = pexpect.spawn("bash", ["-c", command], dimensions=(LINES, COLUMNS), encoding="utf-8", env=environ, cwd=ROOT)
    run.expect(pexpect.EOF, timeout=300)
    run.close()
    return str(run.before)


def save(screen: pyte.Screen, path: Path) -> None:
    """Write what is on the screen as a picture."""
    used = max(y for y, line in screen.buffer.items() if any(c.data.strip() for c in line.values())) + 1
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    for y in range(used):
        console.print(line_of(screen, y), soft_wrap=True)
    console.save_svg(str(path), title="aigc")


def line_of(screen: pyte.Screen, y: int) -> Text:
    """Return one line with its colours."""
    text = Text()
    for x in range(COLUMNS):
        char = screen.buffer[y][x]
        color = None if char.fg == "default" else _COLORS.get(char.fg, char.fg)
        if color and len(color) == 6 and color not in _COLORS.values() and all(c in "0123456789abcdef" for c in color):
            color = f"#{color}"
        text.append(char.data, Style(color=color, bold=char.bold, italic=char.italics, underline=char.underscore))
    text.rstrip()
    return text


if __name__ == "__main__":
    main()
