"""The templates of aigc-article, checked and used by the aigc command itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from aigc_article import aigc_templates

(FOLDER,) = aigc_templates()
FILES = sorted(FOLDER.glob("*.toml"))


def aigc(*args: str) -> subprocess.CompletedProcess[str]:
    """Run aigc and return how it ended."""
    command = [sys.executable, "-m", "aigc_cli", *args]
    return subprocess.run(command, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL, timeout=60)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give aigc a home of its own, with the templates as the user's, so that nothing has to be installed."""
    monkeypatch.setenv("AIGC_HOME", str(tmp_path))
    shutil.copytree(FOLDER, tmp_path / "config" / "prompts")


def test_every_template_is_sound() -> None:
    """`aigc prompts check` finds nothing wrong with any file."""
    assert FILES
    ended = aigc("prompts", "check", *map(str, FILES))
    assert (ended.returncode, ended.stdout) == (0, "")


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_a_template_puts_the_topic_into_the_prompt(name: str) -> None:
    """With its defaults, and a heading for a section, a template renders, and the prompt holds what the user gave."""
    needed = ["-p", "heading=Colours"] if name.startswith("article-section") else []
    ended = aigc("-m", "echo", "-t", name, *needed, "sunrise 日出")
    assert ended.returncode == 0, ended.stderr
    assert "sunrise 日出" in ended.stdout
    assert "{{" not in ended.stdout
