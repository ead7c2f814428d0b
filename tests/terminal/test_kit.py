"""The public test kit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import verse_plugin

from aigc_cli.testing import AIGC, PtyScreen, echo_app, echo_environ

GUIDE = Path(__file__).parents[2] / "docs" / "plugins.md"


def test_the_example_in_the_guide_runs(tmp_path: Path) -> None:
    """With a plugin of the name that it speaks of, pytest passes it."""
    (example,) = re.findall(r"```python\n# test_chat.py\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "test_chat.py").write_text(example, encoding="utf-8")
    verse_plugin.install(tmp_path, "motto", verse_plugin.CODE.replace('"verse"', '"motto"'))
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_chat.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def test_an_app_on_the_echo_engine_keeps_to_its_home(tmp_path: Path) -> None:
    """Its folders are in there, and its engine is the one that echoes."""
    app = echo_app(tmp_path)
    assert app.loader.load(None) == "echo"
    assert app.paths.database.is_relative_to(tmp_path)
    app.close()


def test_what_does_not_appear_is_an_assertion_that_shows_the_screen(tmp_path: Path) -> None:
    """So a failing test says what was there instead, Chinese included."""
    program = [sys.executable, "-c", "print('屏幕')"]
    with PtyScreen(program, env=echo_environ(tmp_path)) as screen:
        assert screen.wait_for_end() == 0
        with pytest.raises(AssertionError, match="屏幕"):
            screen.wait_for("nothing", seconds=0.1)


def test_the_chat_needs_a_terminal(tmp_path: Path) -> None:
    """The chat without a terminal is refused in one line that names the other command."""
    environ = echo_environ(tmp_path)
    done = subprocess.run([*AIGC, "chat"], env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "aigc ask" in done.stderr
