"""Chats and commands that write to one history at the same time."""

from __future__ import annotations

import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from chat_screen import Chat

from aigc_cli.testing import AIGC, echo_environ

COMMANDS = 4


class Asker(threading.Thread):
    """Asks one question after the other, each with a process of its own, until it is told to stop."""

    def __init__(self, number: int, environ: dict[str, str]) -> None:
        super().__init__()
        self._number = number
        self._environ = environ
        self.enough = threading.Event()
        self.asked: list[str] = []
        self.errors: list[str] = []

    def run(self) -> None:
        """Ask."""
        while not self.enough.is_set():
            question = f"command {self._number} question {len(self.asked)}"
            done = subprocess.run(
                [*AIGC, "ask", question], env=self._environ, stdin=subprocess.DEVNULL, capture_output=True, text=True
            )
            self.asked.append(question)
            if (done.returncode, done.stdout, done.stderr) != (0, f"{question}\n", ""):
                self.errors.append(f"{done.returncode} {done.stdout} {done.stderr}")


def answered(seen: str, line: str) -> bool:
    """Tell whether a line was echoed and the chat waits for the next one."""
    return f"\n{line}\n" in seen and "\n>" in seen.rpartition(f"\n{line}\n")[2]


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_two_chats_and_four_commands_lose_no_turn(chat: Chat, home: Path, seconds: int) -> None:
    """Whoever writes when, every question is there once with its answer, and nobody is told that the file is locked."""
    screens = [chat("-m", "echo:1"), chat("-m", "echo:1")]
    askers = [Asker(number, echo_environ(home / "aigc")) for number in range(COMMANDS)]
    for asker in askers:
        asker.start()
    said: list[str] = []
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end or not all(asker.asked for asker in askers):
            lines = [f"chat {number} question {len(said)}" for number in range(len(screens))]
            for screen, line in zip(screens, lines, strict=True):
                screen.send(f"{line}\r")
            for screen, line in zip(screens, lines, strict=True):
                screen.wait_until(lambda seen, line=line: answered(seen, line), f"{line!r} is not answered")
            said += lines
    finally:
        for asker in askers:
            asker.enough.set()
        for asker in askers:
            asker.join()
    assert [error for asker in askers for error in asker.errors] == []
    assert not [screen for screen in screens if "locked" in screen.text()]
    questions = said + [question for asker in askers for question in asker.asked]
    with closing(sqlite3.connect(home / "aigc" / "data" / "aigc.db")) as conn:
        pairs = """
            SELECT question.text, answer.text, answer.status FROM turns AS question
            JOIN turns AS answer ON answer.parent = question.id WHERE question.role = 'user'
        """
        assert sorted(conn.execute(pairs)) == sorted((text, text, "complete") for text in questions)
        assert conn.execute("SELECT count(*) FROM turns").fetchone() == (2 * len(questions),)
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
