"""Files that only their owner can read."""

from __future__ import annotations

import os
from pathlib import Path


def create_private(path: Path) -> None:
    """Make an empty file with mode 0600, unless it is there. SQLite gives its journals the mode of the database."""
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
