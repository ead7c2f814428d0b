"""A large history, half of it Chinese: what its commands take, and what search takes of that.

Commands are timed as whole processes, in turn with ``aigc --version``, so that what the machine does besides weighs on
both.
"""

from __future__ import annotations

import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice, repeat
from pathlib import Path
from statistics import median, quantiles

from aigc_cli.config.paths import Paths
from aigc_cli.store import Store
from benchmarks._paired import compare
from benchmarks._texts import chinese, english

TURNS_OF_A_CONVERSATION = 4
ROUNDS = 15
SEARCHES = 400
COMMANDS = {
    "--version": ["--version"],
    "history list": ["history", "list"],
    "history list --json": ["history", "list", "--json"],
    "history search 学习": ["history", "search", "学习"],
    "history search learning": ["history", "search", "learning"],
    "history search 的 (one character)": ["history", "search", "的"],
}


def run(turns: int = 100_000) -> dict[str, dict[str, object]]:
    """Fill a database with this many turns and measure."""
    with tempfile.TemporaryDirectory() as home:
        environ = {**os.environ, "AIGC_HOME": home}
        store = Store(Paths.find(environ).database)
        seconds = fill(store, turns)
        store.close()
        results: dict[str, dict[str, object]] = {"adding a turn, in batches": {"ms": ms(seconds / turns)}}
        results |= _commands(environ)
        results |= _searches(store)
        results |= _writes(store)
        store.close()
        results |= _sizes(Paths.find(environ).database)
    return results


def fill(store: Store, turns: int, different: int = 0) -> float:
    """Add so many turns, half of them Chinese, and return the seconds that took.

    Args:
        store: Where to.
        turns: How many.
        different: How many texts they are drawn from; 0 makes a text for each.
    """
    chance = random.Random(1)
    languages: list[Iterator[str]] = [english(chance), chinese(chance)]
    if different:
        pools = [list(islice(texts, different // 2)) for texts in languages]
        languages = [map(chance.choice, repeat(pool)) for pool in pools]
    start = time.perf_counter()
    for batch in range(0, turns, 10_000):
        with store.batch():
            for number in range(batch, min(batch + 10_000, turns), TURNS_OF_A_CONVERSATION):
                texts = languages[number // TURNS_OF_A_CONVERSATION % 2]
                conversation, parent = store.new_conversation(), None
                for role in ("user", "assistant") * (TURNS_OF_A_CONVERSATION // 2):
                    parent = store.add_turn(conversation, parent, role, next(texts), model="qwen2.5-0.5b").id
    return time.perf_counter() - start


def _commands(environ: dict[str, str]) -> dict[str, dict[str, object]]:
    aigc = str(Path(sys.executable).parent / "aigc")
    results = compare({name: [aigc, *args] for name, args in COMMANDS.items()}, environ, ROUNDS)
    nothing = float(str(results["--version"]["ms"]))
    return {
        name: {"ms": figures["ms"], "above --version, ms": round(float(str(figures["ms"])) - nothing, 1)}
        for name, figures in results.items()
    }


def _searches(store: Store) -> dict[str, dict[str, object]]:
    """Time searches for words as they come in the texts, so frequent ones often, without starting a process."""
    chance = random.Random(2)
    texts = [text for text, _ in zip(chinese(chance), range(SEARCHES), strict=False)]
    pairs = [text[at : at + 2] for text in texts if (at := chance.randrange(len(text) - 2)) >= 0]
    words = [chance.choice(text.split()).strip(".") for text, _ in zip(english(chance), range(SEARCHES), strict=False)]
    return {
        "search, two Chinese characters": spread(lambda text: store.search(text, 20), pairs),
        "search, an English word": spread(lambda text: store.search(text, 20), words),
        "search, a Chinese and an English word": spread(
            lambda text: store.search(text, 20), [" ".join(both) for both in zip(pairs, words, strict=True)]
        ),
    }


def _writes(store: Store) -> dict[str, dict[str, object]]:
    conversation = store.new_conversation()
    texts = [text for text, _ in zip(chinese(random.Random(3)), range(200), strict=False)]
    results = {"adding a turn": spread(lambda text: store.add_turn(conversation, None, "user", text), texts)}
    turn = store.add_turn(conversation, None, "assistant", "", status="streaming").id
    growing = ["".join(texts)[:length] for length in range(20, 4020, 20)]
    results["keeping a growing answer"] = spread(lambda text: store.grow(turn, text), growing)
    results["deleting a turn"] = spread(lambda _: store.delete("last"), texts[:5])
    return results


def spread(function: Callable[[str], object], inputs: list[str]) -> dict[str, object]:
    """Time a function on each of the inputs."""
    times = []
    for text in inputs:
        start = time.perf_counter()
        function(text)
        times.append(time.perf_counter() - start)
    return {"ms": ms(median(times)), "p95, ms": ms(quantiles(times, n=20)[-1])}


def _sizes(database: Path) -> dict[str, dict[str, object]]:
    with closing(sqlite3.connect(database)) as conn:
        (text,) = conn.execute("SELECT sum(length(CAST(text AS BLOB))) FROM turns").fetchone()
        (index,) = conn.execute("SELECT sum(length(block)) FROM turns_index_data").fetchone()
    sizes = {"text": text, "full-text index": index, "file": database.stat().st_size}
    return {f"size of the {name}": {"MB": round(size / 1e6, 1)} for name, size in sizes.items()}


def ms(seconds: float) -> float:
    """Return milliseconds as they are shown."""
    return round(seconds * 1000, 2)
