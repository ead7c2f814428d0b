"""Prompt templates for aigc: write, review, test and explain code."""

from __future__ import annotations

from pathlib import Path

from aigc_cli.api import hookimpl


@hookimpl
def aigc_templates() -> list[Path]:
    """Offer the folder with the templates of this package."""
    return [Path(__file__).parent / "prompts"]
