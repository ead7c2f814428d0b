"""What can go wrong with the disk that holds the models."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aigc_cli.catalog.source import Source
from aigc_cli.core.errors import DiskFull, NoRoom, UnwritableFile


def need_room(source: Source, n_bytes: int, folder: Path) -> None:
    """Raise `NoRoom` if the disk that holds ``folder`` has no ``n_bytes`` left."""
    free = shutil.disk_usage(folder).free
    if n_bytes > free:
        raise NoRoom(name=source, needed=-(-n_bytes // 10**6), free=free // 10**6, path=folder)


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Raise `DiskFull` or `UnwritableFile` for what the operating system says to the body."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(path=folder) from error
        raise UnwritableFile(path=error.filename or folder, detail=error.strerror or error) from error
