"""Going on with a long chat in a new process, with its evaluated prompt on disk and without; and Ctrl+C meanwhile.

Every run is a process of its own, those with and those without the cache in turn. Its time to the first token counts
from the request, its whole time from the start of the process. Ctrl+C is a SIGINT while a prompt as long is evaluated;
its time ends when the engine has said that the answer is interrupted. What was evaluated until then is not lost.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from aigc_cli.core.interrupt import interrupts
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request, Sampling
from benchmarks._engine import answer, conversation, engine, starter

GREEDY = Sampling(temperature=0)
ANSWER_TOKENS = 16
STATES = 2 << 30  # bytes that evaluated prompts may have on disk, the engine's default


def run(tokens: int = 4000, rounds: int = 5, presses: int = 10, threads: int = 0) -> dict[str, dict[str, object]]:
    """Resume a chat and interrupt one.

    Args:
        tokens: Of the chat so far.
        rounds: How often it is resumed each way, after a round that is not counted.
        presses: How often Ctrl+C is pressed.
        threads: 0 is one for each core that may be used.
    """
    with starter() as path, TemporaryDirectory() as off, TemporaryDirectory() as on:
        first = _process(path, on, STATES, tokens, threads, "")
        taken: dict[str, list[dict[str, Any]]] = {"state cache off": [], "state cache on": []}
        for number in range(rounds + 1):
            for runs, folder, size in zip(taken.values(), (off, on), (0, STATES), strict=True):
                figures = _process(path, folder, size, tokens, threads, first["text"])
                if number:
                    runs.append(figures)
        without = [one["first_token_ms"] for one in taken["state cache off"]]
        results = {name: _figures(runs, without) for name, runs in taken.items()}
        return results | _interrupt(path, tokens, presses, threads, median(without) / 1000)


def _process(path: Path, cache: str, size: int, tokens: int, threads: int, text: str) -> dict[str, Any]:
    command = [sys.executable, "-m", __name__, str(path), cache, str(size), str(tokens), str(threads), text]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return {**json.loads(done.stdout), "process_ms": 1000 * (time.perf_counter() - start)}


def _resume(path: str, cache: str, size: str, tokens: str, threads: str, text: str) -> None:
    """Be one of the processes: answer the chat, or the next question once ``text`` has answered it."""
    with engine(Path(path), int(threads), cache=Path(cache), cache_bytes=int(size)) as asked:
        messages = conversation(0, asked, int(tokens))
        if text:
            messages = (*messages, Message("assistant", text), Message("user", "And three of them?"))
        heard = answer(asked, Request(messages, GREEDY, max_tokens=ANSWER_TOKENS))
    (end,) = heard.ends
    usage = {"prompt": end.usage.prompt_tokens, "reused": end.usage.reused_tokens}
    print(json.dumps({**usage, "first_token_ms": end.timing.ttft_ms, "text": heard.texts[0]}))


def _figures(runs: list[dict[str, Any]], without: list[float]) -> dict[str, object]:
    ratios = [one["first_token_ms"] / other for one, other in zip(runs, without, strict=True)]
    return {
        "prompt tokens": runs[0]["prompt"],
        "reused tokens": median(one["reused"] for one in runs),
        "first token, ms": round(median(one["first_token_ms"] for one in runs), 1),
        "ratio": round(median(ratios), 4),
        "whole process, ms": round(median(one["process_ms"] for one in runs), 1),
    }


def _interrupt(path: Path, tokens: int, presses: int, threads: int, seconds: float) -> dict[str, dict[str, object]]:
    """Press Ctrl+C at different moments of the first half of an evaluation that takes so many ``seconds``."""
    waits, kept = [], []
    with engine(path, threads) as asked:
        for number in range(presses):
            request = Request(conversation(number + 1, asked, tokens), max_tokens=1)
            cancel = threading.Event()
            pressed: list[float] = []
            timer = threading.Timer(seconds * (number + 1) / (2 * presses), _press, [pressed])
            with interrupts(cancel):
                timer.start()
                (end,) = answer(asked, request, cancel).ends
                waits.append(time.perf_counter() - pressed[0])
            assert end.reason == "interrupted"
            (end,) = answer(asked, request, cancel).ends  # evaluates nothing and says what there is
            kept.append(end.usage.reused_tokens)
    return {
        f"Ctrl+C, {presses} times": {
            "median, ms": round(1000 * median(waits), 1),
            "longest, ms": round(1000 * max(waits), 1),
            "tokens kept, median": median(kept),
        }
    }


def _press(pressed: list[float]) -> None:
    pressed.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    _resume(*sys.argv[1:])
