"""How much memory a process started now could really have."""

from __future__ import annotations

import os
import re
from pathlib import Path

_FILES = {"": ("memory.max", "memory.current"), "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes")}
"""Limit and use by the controllers that a line of /proc/self/cgroup names: none in cgroups 2, its own in cgroups 1."""


def free_memory(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> int:
    """Return bytes: what the system can give without swapping, or less where a control group allows less."""
    return min([_system(proc), *_control_groups(proc, cgroups)])


def _system(proc: Path) -> int:
    found = _field(proc / "meminfo", r"MemAvailable:\s+(\d+) kB")
    if found is None:  # not Linux: half of what is built in
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return found * 1024


def _control_groups(proc: Path, cgroups: Path) -> list[int]:
    """Return what each control group around this process has left."""
    left = []
    for line in _text(proc / "self" / "cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers not in _FILES:
            continue
        root = cgroups / controllers
        innermost = root / path.lstrip("/")
        for group in (innermost, *innermost.parents):
            limit_file, use_file = (group / name for name in _FILES[controllers])
            limit = _field(limit_file, r"(\d+)") if group.is_relative_to(root) else None
            if limit is not None:
                droppable = _field(group / "memory.stat", r"(?:total_)?inactive_file (\d+)") or 0
                left.append(max(0, limit - (_field(use_file, r"(\d+)") or 0) + droppable))
    return left


def _field(path: Path, pattern: str) -> int | None:
    """Return the number in the first line that matches; None where there is no such line or no file."""
    match = re.search(rf"^{pattern}$", _text(path), re.MULTILINE)
    return int(match[1]) if match else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
