"""How much memory a process started now could really have."""

from __future__ import annotations

import os
import re
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")


def free_memory() -> int:
    """Return bytes: what the system can give without swapping, or less where a control group allows less."""
    return min([_system(), *_control_groups()])


def _system() -> int:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:  # not Linux: half of what is built in
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    match = re.search(r"^MemAvailable:\s+(\d+) kB$", text, re.MULTILINE)
    return int(match[1]) * 1024 if match else 0


def _control_groups() -> list[int]:
    """Return what each control group around this process has left (cgroups 2, or 1 with its memory controller)."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    left = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            root = _CGROUPS / controllers
            names = (
                ("memory.max", "memory.current")
                if not controllers
                else ("memory.limit_in_bytes", "memory.usage_in_bytes")
            )
            folder = root / path.lstrip("/")
            for group in (folder, *folder.parents):
                if group.is_relative_to(root) and (limit := _number(group / names[0])) is not None:
                    used = (_number(group / names[1]) or 0) - _file_cache(group / "memory.stat")
                    left.append(max(0, limit - used))
    return left


def _number(path: Path) -> int | None:
    """Return the number in a file; None where there is no file, or no limit in it."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None


def _file_cache(path: Path) -> int:
    """Return the bytes counted as used that are only copies of files and can be dropped."""
    try:
        match = re.search(r"^(?:total_)?inactive_file (\d+)$", path.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return 0
    return int(match[1]) if match else 0
