"""The chat over a history of a million turns, half of them Chinese, against the chat over an empty one.

The chat runs on a pseudo-terminal with the echo engine. It is ready when its toolbar shows the engine, and a command
has ended when what it says last is on the screen; both chats take turns. The searches of the second part are made
without a terminal, for two characters as they come in the texts, so frequent ones often.
"""

from __future__ import annotations

import functools
import random
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from aigc_cli.config.paths import Paths
from aigc_cli.store import Store, rows
from aigc_cli.testing import AIGC, PtyScreen, echo_environ
from benchmarks._texts import chinese
from benchmarks.history import fill, ms, spread

SEARCHES = 400
LISTED = 20  # turns and conversations, as in the chat
COMMANDS = {
    "/search 学习": "`/resume ID` goes there",
    "/search learning": "`/resume ID` goes there",
    "/resume": "`/resume NUMBER` goes on",
}
"""What is typed, and what the chat says below the listing."""


def run(turns: int = 1_000_000, different: int = 20_000, rounds: int = 15) -> dict[str, dict[str, object]]:
    """Fill a history with this many turns, of so many different texts, and measure."""
    rows.index_tokens = functools.lru_cache(different)(rows.index_tokens)  # filling takes minutes without
    with TemporaryDirectory() as full, TemporaryDirectory() as empty:
        store = Store(Paths.find({"AIGC_HOME": full}).database)
        fill(store, turns, different)
        results = _openings({f"{turns:,} turns": Path(full), "empty": Path(empty)}, rounds)
        texts = [text for text, _ in zip(chinese(random.Random(2)), range(SEARCHES), strict=False)]
        chance = random.Random(3)
        pairs = [text[at : at + 2] for text in texts if (at := chance.randrange(len(text) - 2)) >= 0]
        results["search, two Chinese characters"] = spread(lambda pair: store.search(pair, LISTED), pairs)
        results["list for /resume"] = spread(lambda _: store.list_conversations(LISTED), pairs[:20])
        store.close()
    return results


def _openings(homes: dict[str, Path], rounds: int) -> dict[str, dict[str, object]]:
    """Open chats in turn, and give commands to the one that is opened first."""
    ready: dict[str, list[float]] = {name: [] for name in homes}
    obeyed: dict[str, list[float]] = {command: [] for command in COMMANDS}
    for _ in range(rounds + 1):
        for name, home in homes.items():
            start = time.perf_counter()
            with PtyScreen([*AIGC, "chat"], env=echo_environ(home), rows=60) as screen:
                screen.wait_for("\n echo · ")
                ready[name].append(time.perf_counter() - start)
                if home is next(iter(homes.values())):
                    _obey(screen, obeyed)
    full, empty = (taken[1:] for taken in ready.values())  # the first round fills the file cache
    names = list(homes)
    return {
        f"prompt ready, {names[0]}": {
            "ms": ms(median(full)),
            "ratio": round(median(a / b for a, b in zip(full, empty, strict=True)), 3),
        },
        f"prompt ready, {names[1]}": {"ms": ms(median(empty)), "ratio": 1.0},
        **{command: {"ms": ms(median(taken[1:]))} for command, taken in obeyed.items()},
    }


def _obey(screen: PtyScreen, obeyed: dict[str, list[float]]) -> None:
    for command, end in COMMANDS.items():
        before = screen.text().count(end)
        start = time.perf_counter()
        screen.send(f"{command}\r")
        screen.wait_for(end, count=before + 1)
        obeyed[command].append(time.perf_counter() - start)
