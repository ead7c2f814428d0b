"""Letting the user change a text in an editor of theirs."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from aigc_cli.core.decode import decode
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.text import N_, Notice

_FALLBACK = "vi"


def edit(text: str, suffix: str) -> str:
    """Return ``text`` as the user has changed it in ``$VISUAL`` or ``$EDITOR``, which may have arguments.

    Args:
        text: What to begin with.
        suffix: How the name of the file ends, by which editors know what it is.

    Raises:
        UsageProblem: if there is no such editor, or it fails.
    """
    wanted = os.environ.get("VISUAL") or os.environ.get("EDITOR") or _FALLBACK
    with TemporaryDirectory(prefix="aigc-") as folder:
        path = Path(folder) / f"draft{suffix}"
        path.write_text(text, encoding="utf-8", errors="replace")
        try:
            subprocess.run([*shlex.split(wanted), path], check=True)
        except (OSError, ValueError, subprocess.CalledProcessError):
            raise UsageProblem(
                detail=Notice(N_("the editor {name!r} does not work; set VISUAL or EDITOR"), {"name": wanted})
            ) from None
        return decode(path.read_bytes(), path.name)
