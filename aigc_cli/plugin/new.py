"""A new plugin: a package with a working generator, its prompts in two languages, and its tests."""

from __future__ import annotations

import re
from pathlib import Path

from aigc_cli.core.errors import OutputExists, UnwritableFile, UsageProblem
from aigc_cli.core.generator import SHARED_OPTIONS
from aigc_cli.core.text import N_, Notice
from aigc_cli.plugin.discovery import NAME

_FILES = Path(__file__).parent / "skeleton"
_SUFFIX = ".txt"
"""At the end of the names of the files here, so that nothing takes them for modules and tests of aigc itself."""


def write(name: str, folder: Path) -> Path:
    """Write the package ``aigc-NAME`` into ``folder`` and return its own folder.

    Raises:
        UsageProblem: if no generator can have this name.
        OutputExists: if there is something of this name.
        UnwritableFile: if it cannot be written.
    """
    if not NAME.fullmatch(name) or name.endswith("-") or name in SHARED_OPTIONS:
        text = N_("a generator cannot be called {name!r}: use a-z, 0-9 and hyphens, with a letter first")
        raise UsageProblem(detail=Notice(text, {"name": name}))
    root = folder / f"aigc-{name}"
    if root.exists():
        raise OutputExists(path=root)
    try:
        for source in sorted(path for path in _FILES.rglob("*") if path.is_file()):
            target = root / _filled(str(source.relative_to(_FILES)).removesuffix(_SUFFIX), name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_filled(source.read_text(encoding="utf-8"), name), encoding="utf-8")
    except OSError as error:
        raise UnwritableFile(path=error.filename, detail=error.strerror) from error
    return root


def _filled(text: str, name: str) -> str:
    """Put the name in the place of "example": with underscores where it is part of a Python name."""
    text = re.sub(r"\b(aigc|test)_example\b", lambda match: f"{match[1]}_{name.replace('-', '_')}", text)
    return re.sub(r"\bexample\b", name, text)
