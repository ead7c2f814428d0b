"""Answers on a real pseudo-terminal, drawn by a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pyte
import pytest

PROGRAM = """
import sys, time
from aigc_cli.core.events import PromptProgress, TextDelta
from aigc_cli.core.text import Notice
from aigc_cli.render.choose import choose
from aigc_cli.render.terminal import inspect

renderer = choose(inspect(sys.stdout), inspect(sys.stderr))
renderer.handle(Notice("a notice"))
renderer.handle(PromptProgress(512, 1024))
text = open(sys.argv[1], encoding="utf-8").read()
for start in range(0, len(text), 5):
    renderer.handle(TextDelta(0, text[start : start + 5]))
    time.sleep(0.003)
renderer.close()
print("done")
"""
SECTION = "第{0}段：学习**重点：**内容，“引号”以及 some English words.\n\n- 条目 {0}\n  - nested\n"
SECTION += "\n```c\nint a[{0}] = b[0];\n```\n\n"
TEXT = "# 标题\n\n" + "".join(map(SECTION.format, range(12)))


@pytest.mark.parametrize("resized_to", [None, 40, 100])
def test_an_answer_on_a_real_terminal(tmp_path: Path, resized_to: int | None) -> None:
    """The process draws every block once, clears its progress, and survives a window resized while it writes."""
    (tmp_path / "text.md").write_text(TEXT, encoding="utf-8")
    screen = pyte.HistoryScreen(80, 10, history=10_000)
    stream = pyte.ByteStream(screen)
    child = pexpect.spawn(
        sys.executable,
        ["-c", PROGRAM, str(tmp_path / "text.md")],
        dimensions=(10, 80),
        env={"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", "PATH": ""},
        timeout=60,
    )
    try:
        shown = b""
        while child.isalive() or not shown.rstrip().endswith(b"done"):
            try:
                shown += child.read_nonblocking(65536, timeout=60)
            except pexpect.EOF:
                break
            if resized_to and "第4段".encode() in shown:
                child.setwinsize(10, resized_to)
    finally:
        child.close(force=True)
    stream.feed(shown)
    lines = ["".join(line[column].data for column in range(80)).rstrip() for line in screen.history.top]
    text = "\n".join([*lines, *(line.rstrip() for line in screen.display)])
    assert child.exitstatus == 0, shown[-2000:]
    assert "reading the prompt" in shown.decode()
    assert "reading the prompt" not in text
    assert text.startswith("a notice\n标题\n\n第0段：学习重点：内容，“引号”以及 some English words.")
    assert text.rstrip().endswith("```\ndone")
    for n in range(12):
        assert text.count(f"第{n}段") == text.count(f"条目 {n}\n") == text.count(f"int a[{n}] = b[0];") == 1
