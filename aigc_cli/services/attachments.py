"""Texts that go along with a question: files and folders."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aigc_cli.core.decode import decode
from aigc_cli.core.errors import UndecodableInput, UnreadableFile, UsageProblem
from aigc_cli.core.text import N_, Notice

MOST_FILES = 200
MOST_BYTES = 4 << 20
"""Of one folder; a context of a million tokens holds about as much."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text and the name under which the model is told of it."""

    name: str
    text: str


def read_text(path: Path) -> str:
    """Return the text in a file.

    Raises:
        UnreadableFile: if it cannot be read.
        UndecodableInput: if it is not text in a known encoding.
    """
    try:
        return decode(path.read_bytes(), str(path))
    except OSError as error:
        raise UnreadableFile(path=path, detail=error.strerror) from error


def attach(path: Path) -> list[Attachment]:
    """Return a file, or the texts in a folder and its folders, in the order of their names.

    Of a folder, hidden files, links and files that are no text are left out.

    Raises:
        UnreadableFile: if there is no such file, or it cannot be read.
        UndecodableInput: if the file is no text.
        UsageProblem: if a folder has no text, or too much.
    """
    path = path.expanduser()
    if not path.is_dir():
        if path.exists() and not path.is_file():
            raise UnreadableFile(path=path, detail=N_("it is neither a file nor a folder"))
        return [Attachment(path.name, read_text(path))]
    found: list[Attachment] = []
    size = 0
    for file in _files(path):
        try:
            text = read_text(file)
        except (UndecodableInput, UnreadableFile):
            continue
        size += len(text.encode("utf-8", "replace"))
        found.append(Attachment(file.relative_to(path.parent).as_posix(), text))
        if len(found) > MOST_FILES or size > MOST_BYTES:
            raise UsageProblem(
                detail=Notice(
                    N_("{path} has more than {files} texts or {megabytes} MB; name what you need of it"),
                    {"path": path, "files": MOST_FILES, "megabytes": MOST_BYTES >> 20},
                )
            )
    if not found:
        raise UsageProblem(detail=Notice(N_("there is no text in {path}"), {"path": path}))
    return found


def with_attachments(text: str, attachments: Sequence[Attachment]) -> str:
    """Return a question followed by what goes along with it, each under its name, apart by blank lines."""
    parts = [text, *(f"{attachment.name}:\n\n{attachment.text}" for attachment in attachments)]
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def _files(folder: Path) -> Iterator[Path]:
    for name, folders, files in os.walk(folder):
        folders[:] = sorted(child for child in folders if not child.startswith("."))
        for file in sorted(files):
            path = Path(name, file)
            if not file.startswith(".") and path.is_file() and not path.is_symlink():
                yield path
