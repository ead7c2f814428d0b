"""Many votes: what counting and listing them takes, and one vote more.

Commands are timed as whole processes, in turn with ``aigc --version``, so that what the machine does besides weighs on
both; the processor time of each leaves it out. The votes are on answers of three generators and two models, spread over
a year.
"""

from __future__ import annotations

import os
import random
import resource
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median

from aigc_cli.config.paths import Paths
from aigc_cli.store import Store
from benchmarks._paired import compare, seconds
from benchmarks._texts import chinese, english

ROUNDS = 15
COMMANDS = {
    "--version": ["--version"],
    "feedback stats": ["feedback", "stats"],
    "feedback stats --json": ["feedback", "stats", "--json"],
    "feedback list": ["feedback", "list"],
    "rate up": ["rate", "up", "--reason", "clear"],
}


def run(votes: int = 100_000) -> dict[str, dict[str, object]]:
    """Fill a database with this many votes and measure."""
    with tempfile.TemporaryDirectory() as home:
        environ = {**os.environ, "AIGC_HOME": home}
        database = Paths.find(environ).database
        store = Store(database)
        start = time.perf_counter()
        fill(store, votes)
        each = 1000 * (time.perf_counter() - start) / votes
        store.close()
        _spread(database)
        aigc = str(Path(sys.executable).parent / "aigc")
        measured = compare({name: [aigc, *args] for name, args in COMMANDS.items()}, environ, ROUNDS)
        nothing = float(str(measured["--version"]["ms"]))
        results: dict[str, dict[str, object]] = {"adding an answer and a vote, in batches": {"ms": round(each, 2)}}
        for name, figures in measured.items():
            above = round(float(str(figures["ms"])) - nothing, 1)
            spent = _processor_ms([aigc, *COMMANDS[name]], environ)
            results[name] = {"ms": figures["ms"], "above --version, ms": above, "processor, ms": spent}
        results["size of the file"] = {"MB": round(database.stat().st_size / 1e6, 1)}
    return results


def _processor_ms(command: list[str], environ: dict[str, str]) -> float:
    """Return the median of what the processor worked for a command."""
    times = []
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds(command, environ)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return round(1000 * median(times), 1)


def fill(store: Store, votes: int) -> None:
    """Add questions, each with an answer that is voted on."""
    chance = random.Random(1)
    languages = english(chance), chinese(chance)
    for batch in range(0, votes, 10_000):
        with store.batch():
            for number in range(batch, min(batch + 10_000, votes)):
                texts = languages[number % 2]
                conversation = store.new_conversation()
                question = store.add_turn(conversation, None, "user", next(texts))
                answer = store.add_turn(
                    conversation,
                    question.id,
                    "assistant",
                    next(texts),
                    model=chance.choice(["qwen2.5-0.5b", "smollm2"]),
                    adapter=chance.choice(["", "brief:1"]),
                    template=chance.choice(["", "summarize.zh@1"]),
                    generator=chance.choice(["", "poem", "article"]),
                )
                store.feedback.rate(answer, chance.choice([1, 1, -1]), chance.choice([["clear"], ["too-long"], []]))


def _spread(database: Path) -> None:
    """Let the votes be those of a year."""
    chance = random.Random(2)
    with closing(sqlite3.connect(database)) as conn, conn:
        turns = [turn for (turn,) in conn.execute("SELECT turn FROM ratings")]
        days = (f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}" for _ in turns)
        conn.executemany(
            "UPDATE ratings SET created = ? || substr(created, 11) WHERE turn = ?", zip(days, turns, strict=True)
        )
