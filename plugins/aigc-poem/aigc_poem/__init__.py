"""Poems for aigc, in forms that are held while they are written, and checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aigc_cli.api import hookimpl

if TYPE_CHECKING:
    from aigc_cli.api import Generator


@hookimpl
def aigc_generators() -> list[Generator]:
    """Offer the generator ``poem``."""
    from aigc_poem.generator import POEM

    return [POEM]


@hookimpl
def aigc_templates() -> list[Path]:
    """Offer the folder with the templates of this package."""
    return [Path(__file__).parent / "prompts"]
