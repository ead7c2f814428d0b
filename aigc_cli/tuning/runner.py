"""Starts the training process, passes on what it says, and ends it."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aigc_cli.core.errors import MissingExtra, TrainingBusy
from aigc_cli.tuning.job import Event

_PACKAGES = ("torch", "transformers", "peft", "trl", "datasets", "accelerate", "gguf", "safetensors")
_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",  # threads that spin starve each other where the cores are busy
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
    "TRL_EXPERIMENTAL_SILENCE": "1",
}


def require() -> None:
    """Raise `MissingExtra` if a package that training needs is not there; nothing is imported."""
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtra(package=", ".join(missing), extra="tune")


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Let no other process train at the same time.

    Raises:
        TrainingBusy: if another one does.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TrainingBusy from None
        yield


@contextmanager
def training(job: Path, log: Path) -> Iterator[Iterator[Event]]:
    """Give what the training process for ``job`` says, until it ends; leaving the context asks it to stop.

    It has a session of its own, so that Ctrl+C reaches only this process, and it watches the pipe from here: when that
    is closed, by this process or because it was killed, it saves a checkpoint and ends.
    """
    home = job.parent / "home"
    environ = {**os.environ, **_QUIET, "HF_HOME": str(home)}
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "aigc_cli.tuning.train", str(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environ,
            start_new_session=True,
        )
    try:
        yield _events(process)
    finally:
        assert process.stdin is not None  # noqa: S101 - asked for above
        assert process.stdout is not None  # noqa: S101 - asked for above
        process.stdin.close()
        for _ in process.stdout:  # so that it never waits for a reader
            pass
        process.stdout.close()
        process.wait()


def _events(process: subprocess.Popen[bytes]) -> Iterator[Event]:
    assert process.stdout is not None  # noqa: S101 - asked for above
    last: Event = {}
    for line in process.stdout:
        last = json.loads(line)
        yield last
    if last.get("event") not in ("done", "stopped", "failed"):
        process.wait()
        yield {"event": "failed", "kind": "killed", "detail": f"exit status {process.returncode}"}
