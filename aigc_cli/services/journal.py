"""What a flow was sent, written down as it happens, so that a run that was cut off goes on where it stopped.

A file holds one run: a line of JSON for each step, with a fingerprint of the step and what it came to. A flow yields
the same steps when it is sent the same results, so sending them again brings it to where it was.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from aigc_cli.core.errors import NotResumable, UnwritableFile
from aigc_cli.core.events import TokenLogprob
from aigc_cli.core.generator import Call, Complete, Completion, Score, Step
from aigc_cli.core.text import N_

MOST_RUNS = 20
"""Files that are kept; those of the runs that stopped longest ago go first."""

_BUSY = N_("another process is working on it")
_OTHER_WAY = N_("it takes other steps now than when it was stopped")
_DAMAGED = N_("the record of it is damaged")


class Journal:
    """The record of one run. Close it after use.

    Args:
        folder: Where runs are recorded; made with mode 0700 if it is not there.
        key: What tells this run from others: the same for the same generator, topic, options, language and model.
        resume: Go on with the record that is there; else it is thrown away.

    Raises:
        NotResumable: if another process is at this very run.
        UnwritableFile: if nothing can be recorded.
    """

    def __init__(self, folder: Path, key: Sequence[object], *, resume: bool) -> None:
        self._name = str(key[0])
        digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
        self._path = folder / f"{digest[:32]}.jsonl"
        self._entries: list[tuple[str, Any]] = []
        self._done = 0
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not resume:
                self._path.unlink(missing_ok=True)  # a process that still writes the old file does not harm the new one
            self._file = _open(self._path)
            _forget_old(folder)
        except BlockingIOError:
            raise NotResumable(name=self._name, detail=_BUSY) from None
        except OSError as error:
            raise UnwritableFile(path=self._path, detail=error.strerror) from error
        self._read()

    @property
    def recorded(self) -> int:
        """How many steps are known from before."""
        return len(self._entries)

    def recall(self, step: Step) -> tuple[bool, Any]:
        """Tell whether the run has come past ``step`` before, and if so what it came to.

        Raises:
            NotResumable: if another step was there.
        """
        if self._done >= len(self._entries):
            return False, None
        fingerprint, sent = self._entries[self._done]
        if fingerprint != _fingerprint(step):
            raise NotResumable(name=self._name, detail=_OTHER_WAY)
        self._done += 1
        try:
            return True, _decode(step, sent)
        except (TypeError, ValueError):
            raise NotResumable(name=self._name, detail=_DAMAGED) from None

    def write(self, step: Step, sent: object) -> None:
        """Record what a step came to; it is with the system when this returns.

        Raises:
            UnwritableFile: if the disk is full, for example.
        """
        line = json.dumps([_fingerprint(step), sent], default=asdict)
        try:
            self._file.write(line.encode("ascii") + b"\n")
        except OSError as error:
            raise UnwritableFile(path=self._path, detail=error.strerror) from error

    def discard(self) -> None:
        """Forget the run, which came to its end."""
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let other processes resume the run."""
        self._file.close()

    def _read(self) -> None:
        """Read the whole lines; the rest of one that was cut off is removed."""
        good = 0
        for line in self._path.read_bytes().splitlines(keepends=True):
            try:
                fingerprint, sent = json.loads(line)
            except (ValueError, TypeError):
                break
            self._entries.append((fingerprint, sent))
            good += len(line)
        self._file.truncate(good)
        self._file.seek(good)


def _open(path: Path) -> IO[bytes]:
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file


def _forget_old(folder: Path) -> None:
    files = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[MOST_RUNS:]:
        path.unlink(missing_ok=True)


def _fingerprint(step: Step) -> str:
    said = f"Call {step.label}" if isinstance(step, Call) else repr(step)  # a function is another one in every process
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _decode(step: Step, sent: Any) -> Any:  # noqa: ANN401 - each step is sent something else
    match step:
        case Complete():
            return tuple(Completion(**{**one, "logprobs": _logprobs(one["logprobs"])}) for one in sent)
        case Score():
            return list(_logprobs(sent))
    return sent


def _logprobs(data: Any) -> tuple[TokenLogprob, ...]:  # noqa: ANN401 - as it was in the file
    return tuple(TokenLogprob(**one) for one in data)
