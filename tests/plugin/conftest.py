"""Plugins to test with: real distributions, as pip would lay them out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aigc_cli.plugin import host
from aigc_cli.plugin.discovery import Found, installed

Install = Callable[..., Path]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder that Python imports from, and the only one whose plugins count; it is forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(host, "installed", lambda: [plugin for plugin in installed() if _is_in(plugin, tmp_path)])
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def install(site: Path) -> Install:
    """Return a function that installs a plugin of this name, whose only module has this code."""

    def install(name: str, code: str, *, target: str = "", distribution: str = "") -> Path:
        distribution = distribution or f"aigc-{name}"
        module = distribution.replace("-", "_")
        (site / f"{module}.py").write_text(code, encoding="utf-8")
        about = site / f"{module}-1.2.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
        (about / "entry_points.txt").write_text(f"[aigc]\n{name} = {module}{target}\n")
        return site

    return install


def _is_in(plugin: Found, folder: Path) -> bool:
    return plugin.entry_point.dist is not None and plugin.entry_point.dist.locate_file("") == folder
