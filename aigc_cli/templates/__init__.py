"""Prompt templates: TOML files of the user, of plugins and of the program, rendered in a sandbox."""

from aigc_cli.templates.collection import Templates

__all__ = ["Templates"]
