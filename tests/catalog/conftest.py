"""A catalog in a folder of its own, and a server for it to fetch from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from model_server import ModelServer, model_server

from aigc_cli.catalog import hub
from aigc_cli.catalog.catalog import Catalog
from aigc_cli.core.text import Notice


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """Serve models on loopback."""
    with model_server() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the catalog keeps its models."""
    return tmp_path / "models"


@pytest.fixture
def notices() -> list[Notice]:
    """Return what the catalog told the user."""
    return []


@pytest.fixture
def catalog(folder: Path, server: ModelServer, notices: list[Notice], monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """Return a catalog whose hub and package index are the server, and which does not wait between attempts."""
    monkeypatch.setattr(hub, "_PATIENCE", (0, 0, 0, 0))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}/simple/")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    return Catalog(folder, {"HF_ENDPOINT": server.url}, notices.append)
