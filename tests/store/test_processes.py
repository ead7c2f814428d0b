"""Several processes and one file."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from aigc_cli.store import Store

WRITER = """
import sys
from pathlib import Path
from aigc_cli.store import Store

store = Store(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read(1)
for number in range(int(sys.argv[3])):
    conversation = store.new_conversation()
    question = store.add_turn(conversation, None, "user", f"问题 {sys.argv[2]}-{number}")
    answer = store.add_turn(conversation, question.id, "assistant", "", status="streaming")
    store.grow(answer.id, "学")
    store.finish(answer.id, "学习", "complete")
"""

STARTER = """
import sys, time
from pathlib import Path
import sqlite_utils
from aigc_cli.store import Store

print("ready", flush=True)
start = float(sys.stdin.readline())
for number in range(20):
    store = Store(Path(sys.argv[1]) / f"{number}.db")
    while time.time() < start + number * 0.1:
        pass
    store.new_conversation()
    store.close()
"""

GROWER = """
import sys
from pathlib import Path
from aigc_cli.store import Store

store = Store(Path(sys.argv[1]))
conversation = store.new_conversation()
question = store.add_turn(conversation, None, "user", "机器学习?")
answer = store.add_turn(conversation, question.id, "assistant", "", status="streaming")
text = ""
while True:
    text += "机器学习。"
    store.grow(answer.id, text)
    if len(text) == 1000:
        print("growing", flush=True)
"""


FILLER = """
import sys
from pathlib import Path
from aigc_cli.core.errors import DiskFull
from aigc_cli.store import Store

store, answer, text = Store(Path(sys.argv[1]) / "aigc.db"), None, ""
try:
    answer = store.add_turn(store.new_conversation(), None, "assistant", "", status="streaming")
    while True:
        store.grow(answer.id, text + "x" * 1000)
        text += "x" * 1000
except DiskFull:
    print("full")
if answer:
    assert store.turn(answer.id).text == text
"""


def _start(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


def _run_together(processes: list[subprocess.Popen[str]], go: str) -> None:
    """Let processes that say when they are ready go on at the same moment, and see that none complains."""
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write(go)
        process.stdin.flush()
    assert [process.communicate()[1] for process in processes] == [""] * len(processes)


def _check(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []


def test_eight_processes_can_start_at_once_where_there_is_no_database(tmp_path: Path) -> None:
    """The first runs of several processes make one database together, and each keeps its turn."""
    path = tmp_path / "data" / "aigc.db"
    _run_together([_start(WRITER, path, number, 1) for number in range(8)], ".")
    store = Store(path)
    assert len(store.list_turns(100)) == 16
    store.close()
    _check(path)


def test_databases_can_be_made_at_the_very_same_moment(tmp_path: Path) -> None:
    """Processes that open a new file in step, again and again, never find it locked."""
    _run_together([_start(STARTER, tmp_path) for _ in range(3)], f"{time.time() + 0.2}\n")
    for file in tmp_path.glob("*.db"):
        _check(file)


def test_six_processes_that_write_all_the_time_lose_nothing(tmp_path: Path) -> None:
    """No writer meets a locked database, and every turn of all of them is there and found."""
    path = tmp_path / "aigc.db"
    Store(path).new_conversation()
    _run_together([_start(WRITER, path, number, 60) for number in range(6)], ".")
    store = Store(path)
    assert len(store.list_turns(1000)) == 720
    assert len(store.search("学习", 1000)) == 360
    questions = {turn.text for turn in store.search("问题", 1000)}
    assert questions == {f"问题 {writer}-{number}" for writer in range(6) for number in range(60)}
    store.close()
    _check(path)


def test_a_killed_process_leaves_the_question_and_what_there_was_of_the_answer(tmp_path: Path) -> None:
    """After kill -9 in the middle of an answer the file is sound, and both can be read and found."""
    path = tmp_path / "aigc.db"
    grower = _start(GROWER, path)
    assert grower.stdout
    assert grower.stdout.readline() == "growing\n"
    grower.kill()
    grower.communicate()
    store = Store(path)
    answer, question = store.list_turns(9)
    assert (question.role, question.text, question.status) == ("user", "机器学习?", "complete")
    assert (answer.role, answer.status) == ("assistant", "streaming")
    assert len(answer.text) >= 1000
    assert [turn.id for turn in store.search("学习", 9)] == [answer.id, question.id]
    store.close()
    _check(path)


@pytest.mark.parametrize("size", ["20k", "60k", "300k"])
def test_a_disk_that_fills_up_keeps_what_was_written(tmp_path: Path, size: str) -> None:
    """On a real full disk, when the database is made or later, the error says so and the last write is readable."""
    mount = f'mount -t tmpfs -o size={size} tmpfs "$0" && exec "$1" -c "$2" "$0"'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount]
    if shutil.which("unshare") is None or subprocess.run([*command[:4], "true"], capture_output=True).returncode:
        pytest.skip("needs the right to mount a small disk")
    done = subprocess.run([*command, tmp_path, sys.executable, FILLER], capture_output=True, encoding="utf-8")
    assert (done.stdout, done.stderr) == ("full\n", "")
