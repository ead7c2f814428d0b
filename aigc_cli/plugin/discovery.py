"""Which plugins are installed, from the metadata of their distributions: nothing of theirs is imported."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib import metadata

GROUP = "aigc"
NAME = re.compile(r"[a-z][a-z0-9-]*")
"""What a plugin, a generator and an engine are called."""
EVERY_ONE = "all"
_SECTION = re.compile(rf"^\[\s*{GROUP}\s*\]$(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(r"^[ \t]*([^=#;\s]+)[ \t]*=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """An installed plugin: an entry point of the group ``aigc``.

    Attributes:
        name: The entry point's name, by which the user knows the plugin.
        distribution: What pip calls it; empty if its metadata does not say.
        version: Of the distribution; empty if its metadata does not say.
    """

    name: str
    distribution: str
    version: str
    entry_point: metadata.EntryPoint


def installed() -> list[Found]:
    """Return the installed plugins by name; where two have the same name, both are there."""
    from importlib import metadata

    found = [_found(entry_point) for entry_point in metadata.entry_points(group=GROUP)]
    return sorted(found, key=lambda plugin: (plugin.name, plugin.distribution))


def names(disabled: str) -> list[str]:
    """Return the names of the installed plugins that are not ``disabled`` and can be commands.

    The same as `installed` would find in folders, without `importlib.metadata`, whose import takes a fifth of what
    ``aigc --help`` may take.
    """
    off = disabled_names(disabled)
    return sorted(name for name in set(_entries()) if name not in off and EVERY_ONE not in off and NAME.fullmatch(name))


def disabled_names(disabled: str) -> frozenset[str]:
    """Return the names in the setting ``disable_plugins``; "all" stands for every plugin."""
    return frozenset(name.strip() for name in disabled.split(","))


def _entries() -> Iterator[str]:
    for folder in sys.path:
        try:
            inside = os.listdir(folder or ".")  # noqa: PTH208 - a Path for each name takes longer than all the rest
        except OSError:
            continue
        for about in inside:
            if about.endswith((".dist-info", ".egg-info")):
                try:
                    text = Path(folder, about, "entry_points.txt").read_text(encoding="utf-8")
                except (OSError, ValueError):
                    continue
                for section in _SECTION.findall(text):
                    yield from _ENTRY.findall(section)


def _found(entry_point: metadata.EntryPoint) -> Found:
    said = dict(entry_point.dist.metadata.items()) if entry_point.dist else {}  # type: ignore[attr-defined]
    return Found(entry_point.name, said.get("Name", ""), said.get("Version", ""), entry_point)
