"""Prompt templates: TOML files of the user, of plugins and of the program, rendered in a sandbox."""

from aigc_cli.templates.library import Templates

__all__ = ["Templates"]
