"""The side of the sandbox that aigc is on: what to run, for how long, and how it ended."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

Level = Literal["bubblewrap", "namespaces", "limits"]
Stopped = Literal["", "time", "memory", "output", "sandbox"]

LEVELS: tuple[Level, ...] = ("bubblewrap", "namespaces", "limits")
"""The ways to keep a program apart, the strongest first.

"bubblewrap" and "namespaces" are equally strong: no network, no processes but its own, no files but the system's
programs and a folder in memory. "limits" is what is left where the system allows neither: the program is the user,
with a bound on what it takes.
"""

_LAUNCHER = Path(__file__).with_name("launch.py")
_SHELL = "/bin/sh"
_CHUNK = 1 << 16
_GRACE = 5.0  # seconds in which the launcher takes everything away


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may take.

    Attributes:
        seconds: From start to end.
        cpu: Seconds of one core, for each process.
        memory: Bytes, for each process and for all together.
        processes: With their threads, at the same time.
        file: Bytes of the largest file.
        folder_bytes: Bytes of all files together; not bounded at the level "limits".
        output: Bytes written to standard output and error together.
    """

    seconds: float = 10.0
    cpu: int = 10
    memory: int = 512 << 20
    processes: int = 64
    file: int = 16 << 20
    folder_bytes: int = 64 << 20
    output: int = 64 << 10


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended.

    Attributes:
        code: Its exit code, 128 and the number of the signal that ended it, or None if that is not known.
        output: What it wrote to standard output and error, as far as it was read.
        stopped: The limit for which it was ended; empty if it ended by itself, "sandbox" if something in the sandbox
            ended the launcher or that could not start.
    """

    code: int | None
    output: str
    stopped: Stopped = ""


@cache
def isolation() -> Level | None:
    """Return the strongest level that works here; the first call starts a few processes to find out.

    None works where this process is root and can become nobody else, as in some containers: what root does is hardly
    limited, so nothing is run.
    """
    return next(filter(works, LEVELS), None)


def works(level: Level) -> bool:
    """Say whether programs can be run at ``level`` on this machine, by running one."""
    return run([_SHELL, "-c", "echo here"], {}, level=level) == Ended(0, "here\n")


def run(
    command: Sequence[str], files: Mapping[str, str], limits: Limits = Limits(), level: Level | None = None
) -> Ended:
    """Run a program in a folder that holds ``files``, with nothing to read and no environment, and wait for its end.

    Nothing that it started is left. Under root, the program runs as the user "nobody", or not at all.

    Args:
        command: The program's absolute path and its arguments.
        files: Contents by name.
        limits: What it may take.
        level: How to keep it apart; the strongest that works here if None.
    """
    level = level or isolation()
    if level is None:
        return Ended(None, "", "sandbox")
    with TemporaryDirectory(prefix="aigc-") as folder:
        job = {
            "level": level,
            "bubblewrap": shutil.which("bwrap") or "",
            "command": list(command),
            "files": dict(files),
            "folder": folder,
            "visible": [str(path) for path in _visible(Path(command[0]))],
            **asdict(limits),
        }
        return _supervise(job, limits)


def reachable(program: str) -> bool:
    """Say whether a program can be run in the sandbox: under root, only what everybody may run."""
    path = Path(program)
    if not os.access(path, os.X_OK):
        return False
    return os.geteuid() != 0 or all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.resolve().parents))


def _visible(program: Path) -> list[Path]:
    """Return what a program needs to be seen beside the system's folders: the folder it is installed in, or itself."""
    resolved = program.resolve()
    prefix, home = resolved.parents[1] if len(resolved.parents) > 1 else resolved, Path.home().resolve()
    return [resolved if prefix == home or prefix in home.parents else prefix]


def _supervise(job: dict[str, Any], limits: Limits) -> Ended:
    told, tell = os.pipe()
    launcher = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_LAUNCHER), str(tell)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[tell],
        start_new_session=True,
        env={},
    )
    os.close(tell)
    try:
        output, stopped = _watch(launcher, told, json.dumps(job).encode() + b"\n", limits)
        code, memory = _verdict(told)
    finally:
        os.close(told)
        _end(launcher)
    if stopped:
        return Ended(code, output, stopped)
    if memory:
        return Ended(code, output, "memory")
    return Ended(code, output, "" if code is not None else "sandbox")


def _watch(launcher: subprocess.Popen[bytes], told: int, job: bytes, limits: Limits) -> tuple[str, Stopped]:
    """Collect what the program writes until it ends, and end it where it goes too far.

    The launcher says how it went only when nothing of the program is left, so that is what is waited for.
    """
    assert launcher.stdin is not None  # noqa: S101 - it has pipes
    assert launcher.stdout is not None  # noqa: S101 - it has pipes
    output, stopped = b"", ""
    end = time.monotonic() + limits.seconds
    try:
        launcher.stdin.write(job)
        launcher.stdin.flush()
    except BrokenPipeError:
        return "", "sandbox"
    with selectors.DefaultSelector() as selector:
        selector.register(launcher.stdout, selectors.EVENT_READ)
        selector.register(told, selectors.EVENT_READ)
        while selector.get_map():
            ready = {key.fd for key, _ in selector.select(max(0.0, end - time.monotonic()))}
            if launcher.stdout.fileno() in ready:
                chunk = os.read(launcher.stdout.fileno(), _CHUNK)
                output = (output + chunk)[: limits.output + 1]
                if not chunk:
                    selector.unregister(launcher.stdout)
            elif told in ready:
                break
            too_much = len(output) > limits.output
            if not stopped and (too_much or time.monotonic() >= end):
                stopped = "output" if too_much else "time"
                end = time.monotonic() + _GRACE
                launcher.stdin.close()  # has everything ended
            elif stopped and time.monotonic() >= end:
                break
    return output[: limits.output].decode("utf-8", "replace"), stopped  # type: ignore[return-value]


def _verdict(told: int) -> tuple[int | None, bool]:
    """Return the exit code and whether it was the memory for which the program was ended."""
    os.set_blocking(told, False)
    try:
        said = os.read(told, _CHUNK)
    except BlockingIOError:
        said = b""
    verdict: dict[str, Any] = json.loads(said) if said else {"code": None, "memory": False}
    return verdict["code"], verdict["memory"]


def _end(launcher: subprocess.Popen[bytes]) -> None:
    """Have the launcher end; it takes everything away first."""
    assert launcher.stdin is not None  # noqa: S101 - it has pipes
    assert launcher.stdout is not None  # noqa: S101 - it has pipes
    if not launcher.stdin.closed:
        with suppress(BrokenPipeError):
            launcher.stdin.close()
    try:
        launcher.wait(_GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(launcher.pid, signal.SIGKILL)
        launcher.wait()
    launcher.stdout.close()
