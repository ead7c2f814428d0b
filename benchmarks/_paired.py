"""Timing whole processes in turn, so that what the machine does besides weighs on all of them alike."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence
from statistics import median


def seconds(command: Sequence[str], environ: Mapping[str, str]) -> float:
    """Return the wall time of one run, from start to exit; raise if it fails."""
    start = time.perf_counter()
    subprocess.run(command, env=dict(environ), check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def compare(
    commands: Mapping[str, Sequence[str]], environ: Mapping[str, str], rounds: int
) -> dict[str, dict[str, object]]:
    """Run the commands in turn and return medians; ratios are to the first one, round by round.

    One round before the others is not counted: it fills the file cache.
    """
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            spent = seconds(command, environ)
            if number:
                taken[name].append(spent)
    base = next(iter(taken.values()))
    return {
        name: {
            "ms": round(1000 * median(times), 1),
            "ratio": round(median(a / b for a, b in zip(times, base, strict=True)), 3),
        }
        for name, times in taken.items()
    }
