"""How many threads llama.cpp should use."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_TOO_OFTEN = 6.0  # interruptions for each token decoded
_FIRST_PATIENCE = 64  # tokens before a thread is given back, doubled each time
_LAST_PATIENCE = 2048


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
    core from one of them, all wait: on two busy cores two threads were 40 times slower than one. The system
    counts how often that happens (``ru_nivcsw`` in getrusage(2)): well under once a token on a quiet machine.
    Results do not depend on the number of threads.

    Args:
        most: Threads to use on a quiet machine.
        interruptions: Gives how often this process has lost a core so far.
    """

    def __init__(self, most: int, interruptions: Callable[[], int] | None = None) -> None:
        self._most = most
        self._interruptions = interruptions or _interruptions
        self._last = self._interruptions()
        self._quiet = 0
        self._patience = _FIRST_PATIENCE
        self.threads = most

    def look(self, tokens: int) -> int:
        """Return how many threads to use from now on, given that ``tokens`` were decoded since the last look."""
        now = self._interruptions()
        crowded = (now - self._last) / tokens > _TOO_OFTEN
        self._last = now
        if crowded and self.threads > 1:
            self.threads -= 1
            self._quiet = 0
        elif self.threads < self._most:
            self._quiet += tokens
            if self._quiet >= self._patience:
                self.threads += 1
                self._quiet = 0
                self._patience = min(2 * self._patience, _LAST_PATIENCE)
        return self.threads


def _interruptions() -> int:
    try:
        import resource
    except ImportError:  # Windows has no such count: threads stay as they are
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
