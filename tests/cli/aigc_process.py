"""Running the program as its users do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

COMMAND = [sys.executable, "-m", "aigc_cli"]


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str


Aigc = Callable[..., Ended]


def run(*args: str, input: str | bytes = b"", **env: str) -> Ended:  # noqa: A002 - named as in subprocess.run
    """Run a command line in a process of its own, with these variables set besides, and return how it ended."""
    data = input.encode() if isinstance(input, str) else input
    environ = {**os.environ, **env}
    done = subprocess.run([*COMMAND, *args], input=data, capture_output=True, env=environ, timeout=120)
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
