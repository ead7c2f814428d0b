"""The memory of one process that holds chat after chat, each saved as it goes, with the settings a user has."""

from __future__ import annotations

import os
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from aigc_cli.app import App
from aigc_cli.core.answer import Answered
from aigc_cli.core.errors import NothingGenerated
from aigc_cli.services.compose import Wish
from benchmarks._engine import starter

STATES_MB = "256"  # small, so that evaluated prompts are removed from disk as well
MANY = 10


def run(chats: int = 50, turns: int = 20, tokens: int = 16) -> dict[str, dict[str, object]]:
    """Hold ``chats`` conversations of ``turns`` questions with answers of at most ``tokens`` tokens."""
    with starter() as path, TemporaryDirectory() as home:
        app = App({**os.environ, "AIGC_HOME": home, "AIGC_STATE_CACHE_MB": STATES_MB})
        sizes = []
        for chat in range(chats):
            _hold(app, str(path), chat, turns, tokens)
            sizes.append(_resident())
        app.close()
    shown = [number for number in range(1, chats + 1) if number in (1, 2, chats) or number % MANY == 0]
    return {
        f"after chat {number}": {
            "MiB": round(sizes[number - 1], 1),
            "of chat 2": round(sizes[number - 1] / sizes[1], 3),
        }
        for number in shown
    }


def _hold(app: App, model: str, chat: int, turns: int, tokens: int) -> None:
    follow = None
    for turn in range(turns):
        wish = Wish(f"Chat {chat}, question {turn}: what is {chat} plus {turn}?", max_tokens=tokens)
        with suppress(NothingGenerated):
            for event in app.ask(wish, model=model, follow=follow, save=True, cancel=threading.Event()):
                if isinstance(event, Answered):
                    follow = event.answer.id


def _resident() -> float:
    """Return the resident memory of this process in MiB."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        shown = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], check=True, stdout=subprocess.PIPE).stdout
        return int(shown) / 1024
