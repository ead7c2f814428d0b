"""How many threads llama.cpp should use."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_OFTEN = 60  # interruptions of a thread in a second
_FIRST_PATIENCE = 1.0  # seconds before a thread is given back, doubled each time
_LAST_PATIENCE = 60.0


def usable_cores(proc: Path = Path("/proc/self/cgroup"), root: Path = _CGROUP) -> int:
    """Return how many cores this process may keep busy: its CPU affinity, and the quota of its control group.

    Args:
        proc: Where the process's control groups are listed, see cgroups(7).
        root: Where their files are mounted.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for quota in _quotas(proc, root):
        cores = min(cores, max(1, math.ceil(quota)))
    return max(1, cores)


def _quotas(proc: Path, root: Path) -> Iterator[float]:
    """Yield the CPU quota, in cores, of each control group that this process is in, and of their parents."""
    try:
        lines = proc.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        base = root if not controllers else root / controllers
        here = base / path.lstrip("/")
        for folder in (here, *here.parents):
            yield from _quota(folder)
            if folder == base:
                break


def _quota(folder: Path) -> Iterator[float]:
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text(encoding="ascii").split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text(encoding="ascii")
            period = (folder / "cpu.cfs_period_us").read_text(encoding="ascii")
        if quota != "max" and int(quota) > 0:
            yield int(quota) / int(period)
    except (OSError, ValueError):
        return


class Governor:
    """Takes threads away while other programs need the cores, and gives them back later.

    The threads of llama.cpp wait for each other several hundred times for every token. If the system takes the
    core from one of them, all wait: with one of two cores busy, two threads decode at a third of the speed of one.
    The system counts how often that happens (``ru_nivcsw`` in getrusage(2)): some 10 times a second for each thread
    on a quiet machine, and hundreds or thousands of times on a crowded one. Results do not depend on the number of
    threads.

    Args:
        most: Threads to use on a quiet machine.
        interruptions: Gives how often this process has lost a core so far.
        clock: Gives the time in seconds.

    Attributes:
        threads: How many to use now.
    """

    def __init__(
        self, most: int, interruptions: Callable[[], int] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._interruptions = interruptions or _interruptions
        self._clock = clock
        self._patience = _FIRST_PATIENCE
        self._changed = 0.0
        self.threads = most
        self.start()

    def start(self) -> None:
        """Count from now on: decoding begins."""
        self._lost, self._since = self._interruptions(), self._clock()

    def look(self) -> int:
        """Return how many threads to use from now on, after some tokens were decoded."""
        lost, since = self._lost, self._since
        self.start()
        seconds = self._since - since
        if self._lost - lost > _OFTEN * self.threads * seconds:
            self.threads = max(1, self.threads - 1)
            self._changed = self._since
        elif self.threads < self._most and self._since - self._changed > self._patience:
            self.threads += 1
            self._changed = self._since
            self._patience = min(2 * self._patience, _LAST_PATIENCE)
        return self.threads


def _interruptions() -> int:
    try:
        import resource
    except ImportError:  # Windows has no such count: threads stay as they are
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
