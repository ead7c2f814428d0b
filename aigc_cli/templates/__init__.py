"""Prompt templates: TOML files of the user, of plugins and of the program, rendered in a sandbox."""
