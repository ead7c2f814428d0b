"""An article generator for aigc, and the prompt templates it writes with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aigc_cli.api import hookimpl

if TYPE_CHECKING:
    from aigc_cli.api import Generator


@hookimpl
def aigc_templates() -> list[Path]:
    """Offer the folder with the templates of this package."""
    return [Path(__file__).parent / "prompts"]


@hookimpl
def aigc_generators() -> list[Generator]:
    """Offer the generator of articles."""
    from aigc_article.generator import GENERATOR

    return [GENERATOR]
