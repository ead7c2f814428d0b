"""Every shell example in the README runs; those of the other pages are tested beside what they describe."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "README.zh.md"]
SHELL_BLOCK = re.compile(r"^```(?:bash|console)\n(.*?)^```", re.DOTALL | re.MULTILINE)
FETCHES = re.compile(r"pip install|\bmodels pull\b|\bgit clone\b|\bplugins install\b")
"""Lines that fetch from the network or build: the wheel smoke test and the tests of the catalog cover those."""


def examples() -> list[tuple[str, str]]:
    """Return page and text of every example that calls aigc."""
    found = []
    for page in PAGES:
        for block in SHELL_BLOCK.findall((ROOT / page).read_text(encoding="utf-8")):
            for line in block.splitlines():
                command = re.sub(r"\s{2,}#.*|^\$ ", "", line).strip()
                if "aigc" in command and not FETCHES.search(command):
                    found.append((page, command))
    return found


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return a folder with what the examples speak of: a git repository, files, jq."""
    for name in ("notes.md", "文章.txt", "笔记.md", "report.txt", "error.log"):
        (tmp_path / name).write_text("机器学习是人工智能的一个分支。\n", encoding="utf-8")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (["init", "-q"], ["add", "notes.md"], ["commit", "-q", "-m", "Begin"], ["add", "笔记.md"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "aigc").write_text(f'#!/bin/sh\nexec {sys.executable} -m aigc_cli "$@"\n')
    (tools / "jq").write_text(
        f"#!/bin/sh\nexec {sys.executable} -c \"import json,sys;print(json.load(sys.stdin)['text'])\"\n"
    )
    for tool in tools.iterdir():
        tool.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(("page", "command"), examples(), ids=[f"{p}: {c[:60]}" for p, c in examples()])
def test_an_example_runs(page: str, command: str, desk: Path) -> None:
    """With the echo engine for a model, and a conversation to go on with, the example ends with exit code 0."""
    environ = {**os.environ, "AIGC_MODEL": "echo", "PATH": f"{desk / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    before = "aigc 'what is quantized 学习' > /dev/null; "
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", before + command], cwd=desk, env=environ, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
