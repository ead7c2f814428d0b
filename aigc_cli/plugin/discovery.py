"""Which plugins are installed, from the metadata of their distributions: nothing is imported."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

GROUP = "aigc"


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
    found = [_found(entry_point) for entry_point in metadata.entry_points(group=GROUP)]
    return sorted(found, key=lambda plugin: (plugin.name, plugin.distribution))


def _found(entry_point: metadata.EntryPoint) -> Found:
    said = dict(entry_point.dist.metadata.items()) if entry_point.dist else {}  # type: ignore[attr-defined]
    return Found(entry_point.name, said.get("Name", ""), said.get("Version", ""), entry_point)
