"""Stopping and killing the chat while it answers, on a real pseudo-terminal."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from chat_screen import Chat

from aigc_cli.testing import AIGC, PtyScreen, echo_environ

WORDS = " ".join(f"w{n}" for n in range(400))
DELAY = 20
"""Milliseconds between two tokens of the echo engine."""

LOST = 0.5 + 0.5
"""Seconds of an answer that may be missing after a kill: what the design allows, and as much for a busy machine."""


def rows(home: Path, query: str) -> list[tuple[str, ...]]:
    """Return what a query finds in the database."""
    with closing(sqlite3.connect(home / "aigc" / "data" / "aigc.db")) as conn:
        return conn.execute(query).fetchall()


def stop_at(screen: PtyScreen, question: str, moment: float, stopped: int) -> None:
    """Ask, press Ctrl+C after some seconds, and wait until the chat has said that it stopped for this time."""
    screen.paste(question)
    screen.send("\r")
    time.sleep(moment)
    screen.send("\x03")
    screen.wait_for("\nstopped", count=stopped)


def test_ctrl_c_at_random_moments_keeps_what_there_is(chat: Chat, home: Path) -> None:
    """Ten times in a row each part of an answer is kept and marked, and the chat goes on in the same conversation."""
    screen = chat("-m", f"echo:{DELAY}", rows=60, AIGC_CONTEXT="100000")
    moments = random.Random(4)
    for n in range(1, 11):
        stop_at(screen, f"question {n} {WORDS}", moments.uniform(0.0, 1.5), n)
    screen.send("still alive\r")
    screen.wait_for("\nstill alive\n")
    answers = rows(home, "SELECT status, text FROM turns WHERE role = 'assistant' ORDER BY seq")
    assert [status for status, _ in answers] == ["interrupted"] * 10 + ["complete"]
    assert sum(bool(text) for _, text in answers) > len(answers) // 2
    assert len(rows(home, "SELECT DISTINCT conversation FROM turns")) == 1
    assert rows(home, "SELECT count(DISTINCT parent) FROM turns") == [(21,)]  # no branches


def test_a_partial_answer_is_in_the_context_of_the_next_question(home: Path, model_path: Path) -> None:
    """With the real model, stopped at random moments, the next prompt has what is kept of it."""
    environ = echo_environ(home / "aigc", AIGC_MODEL=str(model_path))
    moments = random.Random(7)
    with PtyScreen([*AIGC, "chat"], env=environ, rows=60) as screen:
        screen.wait_for(f"{model_path.name} · 0/")
        for n in range(1, 5):
            screen.paste("Tell me a long story about a fox and a crow")
            screen.send("\r")
            time.sleep(moments.uniform(0.0, 1.5))
            screen.send("\x03")  # this model may have ended its story before
            screen.wait_until(lambda seen, prompts=n + 1: seen.count("\n>") == prompts, "there is no new prompt")
        used = sum(len(text) for (text,) in rows(home, "SELECT text FROM turns"))
        screen.send("/set max_tokens 4\r")
        screen.wait_for("max_tokens is 4")
        screen.send("Name both animals\r")
        complete = "SELECT id FROM turns WHERE status != 'streaming' AND role = 'assistant'"
        screen.wait_until(lambda seen: len(rows(home, complete)) == 5, "there is no answer")
        screen.send("\x04")
        assert screen.wait_for_end() == 0
    (prompt,) = rows(home, "SELECT prompt_tokens FROM turns WHERE role = 'assistant' ORDER BY seq DESC LIMIT 1")
    assert int(prompt[0]) > used / 8  # an English token has far fewer than 8 characters


@pytest.mark.parametrize("seed", range(6))
def test_a_kill_loses_half_a_second_at_most(chat: Chat, home: Path, seed: int) -> None:
    """The question is there, the answer but for its end, the database is sound, and the next chat goes on with it."""
    screen = chat("-m", f"echo:{DELAY}")
    screen.paste(f"question {WORDS}")
    screen.send("\r")
    screen.wait_for("\nquestion w0")
    time.sleep(random.Random(seed).uniform(0.0, 2.0))
    screen.process.kill(signal.SIGKILL)
    screen.wait_for_end()
    seen = screen.text().rpartition("\nquestion w0")[2].split()
    assert rows(home, "PRAGMA integrity_check") == [("ok",)]
    (asked,), (answered,) = rows(home, "SELECT text FROM turns ORDER BY seq")
    assert asked == f"question {WORDS}"
    assert f"question {WORDS}".startswith(answered)
    assert len(seen) - len(answered.split()) <= LOST * 1000 / DELAY
    again = chat("-c")
    again.send("go on\r")
    again.wait_for("\ngo on\n")


def test_what_is_typed_during_an_answer_waits_for_the_prompt(chat: Chat, home: Path) -> None:
    """It does not appear within the answer; with an Enter it is sent afterwards, and so are commands."""
    screen = chat("-m", f"echo:{DELAY}")
    screen.send(f"{WORDS[:200]}\r")
    screen.wait_for("\nw0 w1")
    screen.send("typed ahead\r/stats\rand more")
    seen = screen.wait_for("> and more")
    assert seen.count("typed ahead") == 2
    assert "\n> typed ahead\ntyped ahead\n\n> /stats\n" in seen


def test_leaving_while_the_model_is_loading(home: Path, model_path: Path) -> None:
    """Ctrl+D at once ends with 0, whatever the thread that loads the model is doing."""
    environ = echo_environ(home / "aigc", AIGC_MODEL=str(model_path))
    for moment in (0.0, 0.05, 0.2):
        with PtyScreen([*AIGC, "chat"], env=environ) as screen:
            screen.wait_for("\n>")
            time.sleep(moment)
            screen.send("\x04")
            assert screen.wait_for_end() == 0
