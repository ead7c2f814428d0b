"""How many threads are used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aigc_cli.engine.llama.cores import Governor, usable_cores


def test_affinity_is_respected() -> None:
    """A process bound to one core uses one thread."""
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("no affinity on this system")
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize(
    ("listing", "files"),
    [
        ("0::/a/b\n", {"a/cpu.max": "100000 100000"}),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000", "cpu.max": "50000 100000"}),
        (
            "4:cpu,cpuacct:/a\n0::/\n",
            {"cpu,cpuacct/a/cpu.cfs_quota_us": "100000", "cpu,cpuacct/a/cpu.cfs_period_us": "100000"},
        ),
    ],
)
def test_a_quota_is_respected(tmp_path: Path, listing: str, files: dict[str, str]) -> None:
    """The quota of a control group or of any above it limits the threads, in both versions of control groups."""
    proc = tmp_path / "cgroup"
    proc.write_text(listing, encoding="utf-8")
    for name, content in files.items():
        (tmp_path / "fs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "fs" / name).write_text(content, encoding="utf-8")
    assert usable_cores(proc, tmp_path / "fs") == 1


def test_a_crowded_machine_gets_threads_back() -> None:
    """Threads go while the process keeps losing its cores, never the last one, and return when it is quiet."""
    lost, now = 0, 0.0
    governor = Governor(3, lambda: lost, lambda: now)

    def look(seconds: float, interruptions: int) -> int:
        nonlocal lost, now
        lost, now = lost + interruptions, now + seconds
        return governor.look()

    assert look(0.1, 2) == 3
    assert [look(0.1, 500) for _ in range(4)] == [2, 1, 1, 1]
    assert [look(0.4, 1) for _ in range(3)] == [1, 1, 2]
    assert look(0.4, 5000) == 1
    assert [look(0.9, 1) for _ in range(3)] == [1, 1, 2], "patience has not doubled"
