"""Votes of programs that are killed, and of several programs at once."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from aigc_cli.store import Store

KILLS = 200

# Forks for every line, as starting Python takes longer than all the rest.
VOTER = """
import os, signal, sys, time
from pathlib import Path
from aigc_cli.services.feedback import Feedback
from aigc_cli.store import Store

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    pid = os.fork()
    if pid:
        print(pid, flush=True)
        continue
    question, old, new = line.split()
    store = Store(Path(sys.argv[1]))
    feedback = Feedback(store, signals=True)
    number = 0
    while True:
        number += 1
        feedback.rate(new, 1, [f"reason-{number}"], "note " * 100)
        feedback.decide(store.feedback.start_duel(old, new), ("first", "second")[number % 2])
        feedback.rate(old, (1, -1)[number % 2])
        feedback.correct(old, f"{os.getpid()} {number}")
        feedback.undo(new)
        time.sleep(0.002)  # SQLite lets nobody else in where one program never stops writing
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Give a history of a question with two answers, the second of them to a retry."""
    store = Store(tmp_path / "aigc.db")
    question = store.add_turn(store.new_conversation(), None, "user", "?")
    for seed, text in ((1, "old"), (50, "new")):
        turn = store.add_turn(question.conversation, question.id, "assistant", "", status="streaming", model="m")
        store.finish(turn.id, text, "complete", seed=seed)
    store.close()
    return tmp_path / "aigc.db"


def _turns(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as conn:
        return [turn for (turn,) in conn.execute("SELECT id FROM turns ORDER BY seq LIMIT 3")]


@contextmanager
def _voter(database: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", VOTER, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        yield process
        assert process.stdin
        process.stdin.close()


def _begin(voter: subprocess.Popen[str], turns: list[str]) -> int:
    assert voter.stdin
    assert voter.stdout
    print(*turns, file=voter.stdin, flush=True)
    return int(voter.stdout.readline())


def _halves(database: Path) -> list[object]:
    """Return every vote, duel or correction of which a part is missing."""
    won = "SELECT 1 FROM duels WHERE outcome = 'first' AND first = chosen AND second = rejected"
    won += " UNION SELECT 1 FROM duels WHERE outcome = 'second' AND second = chosen AND first = rejected"
    with closing(sqlite3.connect(database)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = conn.execute("PRAGMA foreign_key_check").fetchall()
        found += conn.execute("SELECT turn FROM ratings WHERE NOT json_valid(reasons)").fetchall()
        found += conn.execute(f"SELECT id FROM pairs WHERE origin = 'duel' AND NOT EXISTS ({won})").fetchall()
        corrected = "SELECT chosen FROM pairs WHERE origin = 'correction'"
        found += conn.execute(f"SELECT id FROM turns WHERE text LIKE '% %' AND id NOT IN ({corrected})").fetchall()
        liked = "SELECT turn FROM ratings WHERE value = 1"
        found += conn.execute(
            f"SELECT id FROM pairs WHERE origin = 'retry' AND (chosen NOT IN ({liked}) OR rejected IN ({liked}))"
        ).fetchall()
        decided = "SELECT count(*) FROM duels WHERE outcome IS NOT NULL"
        if conn.execute(decided).fetchone()[0]:
            between = "SELECT count(*) FROM pairs WHERE chosen IN (?, ?) AND rejected IN (?, ?)"
            old_new = _turns(database)[1:]
            found += [] if conn.execute(between, [*old_new, *old_new]).fetchone()[0] == 1 else ["no winner"]
    return found


def test_a_killed_program_leaves_no_half_vote(database: Path) -> None:
    """After each of 200 `kill -9` among votes, duels and corrections, what is there is whole, and voting goes on."""
    turns = _turns(database)
    chance = random.Random(4)
    with _voter(database) as voter:
        for _ in range(KILLS):
            pid = _begin(voter, turns)
            time.sleep(chance.uniform(0.004, 0.03))
            os.kill(pid, signal.SIGKILL)
            assert _halves(database) == []
    with closing(sqlite3.connect(database)) as conn:
        for table in ("ratings", "pairs", "duels"):
            assert conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0


def test_programs_that_vote_at_once_end_in_one_state(database: Path) -> None:
    """Two programs that vote on the same answers leave one vote each, and pairs that fit them."""
    turns = _turns(database)
    with _voter(database) as voter, closing(sqlite3.connect(database)) as conn:
        pids = [_begin(voter, turns) for _ in range(2)]
        busy = "SELECT count(*) >= 10 FROM turns WHERE text LIKE ? || ' %'"
        while not all(conn.execute(busy, [str(pid)]).fetchone()[0] for pid in pids):
            time.sleep(0.02)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        assert _halves(database) == []
        assert conn.execute("SELECT max(n) FROM (SELECT count(*) AS n FROM ratings GROUP BY turn)").fetchone() == (1,)
