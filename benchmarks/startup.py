"""How long it takes until nothing has been done: ``--version`` and ``--help`` against importing click alone."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks._paired import compare


def run(rounds: int = 20) -> dict[str, dict[str, object]]:
    """Measure, each command in turn in every round."""
    aigc = str(Path(sys.executable).parent / "aigc")
    with tempfile.TemporaryDirectory() as home:
        commands = {
            "python -c 'import click'": [sys.executable, "-c", "import click"],
            "aigc --version": [aigc, "--version"],
            "aigc --help": [aigc, "--help"],
        }
        return compare(commands, {**os.environ, "AIGC_HOME": home}, rounds)
