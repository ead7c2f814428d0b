"""What tests of tuning share."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what trains where the packages for it are not installed."""
    missing = [name for name in ("torch", "trl", "gguf") if importlib.util.find_spec(name) is None]
    for item in items:
        if missing and item.get_closest_marker("tune") and item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason=f"{', '.join(missing)} not installed: pip install -e '.[tune]'"))
