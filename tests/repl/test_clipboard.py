"""Copying."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest

from aigc_cli.render.terminal import Terminal
from aigc_cli.repl.clipboard import LONGEST, copy, osc52


def terminal() -> Terminal:
    """Return a terminal that takes escape sequences."""
    return Terminal(io.StringIO(), is_tty=True, cursor=True, color=True, unicode=True, environ={})


def written(screen: Terminal) -> str:
    """Return what a terminal was sent."""
    assert isinstance(screen.stream, io.StringIO)
    return screen.stream.getvalue()


def test_over_ssh_the_terminal_copies() -> None:
    """The sequence carries the text in base64 and nothing of it else, whatever it holds."""
    screen = terminal()
    assert copy("你好\x1b\x07", screen, {"SSH_TTY": "/dev/pts/0", "DISPLAY": ":0"}) == "OSC 52"
    payload = written(screen).removeprefix("\x1b]52;c;").removesuffix("\x07")
    assert base64.b64decode(payload, validate=True).decode() == "你好\x1b\x07"


def test_inside_tmux_the_sequence_is_wrapped() -> None:
    """Its escape character is doubled, as tmux wants it."""
    assert osc52("a", inside_tmux=True) == "\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\"


def test_a_text_too_long_for_terminals_is_not_sent() -> None:
    """Nothing is written, and the caller is told that nothing was copied; the same goes for a pipe."""
    screen = terminal()
    assert copy("x" * LONGEST, screen, {"SSH_TTY": "/dev/pts/0"}) == ""
    assert written(screen) == ""
    pipe = Terminal(io.StringIO(), is_tty=False, cursor=False, color=False, unicode=True, environ={})
    assert copy("x", pipe, {"SSH_TTY": "/dev/pts/0"}) == ""


def test_a_program_of_the_desktop_is_used_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given the text as UTF-8; one that fails is passed over."""
    for name, script in {"wl-copy": "exit 1", "xclip": f"cat > {tmp_path}/copied"}.items():
        tool = tmp_path / name
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert copy("剪贴板", terminal(), {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}) == "xclip"
    assert (tmp_path / "copied").read_text(encoding="utf-8") == "剪贴板"
