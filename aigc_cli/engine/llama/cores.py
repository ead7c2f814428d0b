"""How many threads llama.cpp should use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


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
