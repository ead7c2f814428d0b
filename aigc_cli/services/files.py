"""Writing files of the user's own."""

from __future__ import annotations

import os
from pathlib import Path

from aigc_cli.core.errors import UnwritableFile


def replace_file(path: Path, text: str) -> None:
    """Write ``text`` to a file at once: whoever looks sees the old content or the new one, never a part of it.

    Raises:
        UnwritableFile: if it cannot be written; the file is as it was.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        draft.write_text(text, encoding="utf-8", errors="replace")
        if path.exists():
            draft.chmod(path.stat().st_mode & 0o777)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UnwritableFile(path=path, detail=error.strerror) from error
