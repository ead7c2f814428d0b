"""Several processes and one file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

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
    if len(text) == 5000:
        print("growing", flush=True)
"""


def _start(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


def _write_in_parallel(path: Path, processes: int, turns: int) -> None:
    writers = [_start(WRITER, path, number, turns) for number in range(processes)]
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin
        writer.stdin.write(".")
        writer.stdin.flush()
    errors = [writer.communicate()[1] for writer in writers]
    assert errors == [""] * processes


def _check(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []


def test_eight_processes_can_start_at_once_where_there_is_no_database(tmp_path: Path) -> None:
    """The first runs of several processes make one database together, and each keeps its turn."""
    path = tmp_path / "data" / "aigc.db"
    _write_in_parallel(path, processes=8, turns=1)
    store = Store(path)
    assert len(store.list_turns(100)) == 16
    store.close()
    _check(path)


def test_six_processes_that_write_all_the_time_lose_nothing(tmp_path: Path) -> None:
    """No writer meets a locked database, and every turn of all of them is there and found."""
    path = tmp_path / "aigc.db"
    Store(path).new_conversation()
    _write_in_parallel(path, processes=6, turns=60)
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
    assert len(answer.text) >= 5000
    assert [turn.id for turn in store.search("学习", 9)] == [answer.id, question.id]
    store.close()
    _check(path)
