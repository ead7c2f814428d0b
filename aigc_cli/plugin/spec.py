"""The hooks a plugin can implement.

Every hook is optional. Those that offer something are called without arguments and return an iterable; the results of
all plugins are put together. What a hook returns is checked: one bad item, and the plugin is skipped.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pluggy

from aigc_cli.core.engine import EngineProvider
from aigc_cli.core.feedback import Rating
from aigc_cli.core.generator import Generator

PROJECT = "aigc"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin as the implementation of the hook it is named after."""


class Hooks:
    """**Hooks**: what aigc asks its plugins for."""

    @hookspec
    def aigc_generators(self) -> Iterable[Generator]:
        """Offer generators. Each is a command by the name of an entry point, so that help needs no import.

        Called when a generator is run, completed or listed, at most once in a run of the program. A plugin with
        several generators has an entry point for each of them.
        """
        raise NotImplementedError

    @hookspec
    def aigc_templates(self) -> Iterable[Path]:
        """Offer prompt templates: folders that hold them as files in the format of docs/prompts.md.

        Called when a template is looked for or templates are listed, at most once in a run of the program. A file
        may be in the folder itself or in an area folder one level below. The user's own files override it, and it
        overrides what comes with aigc.
        """
        raise NotImplementedError

    @hookspec
    def aigc_engines(self) -> Iterable[EngineProvider]:
        """Offer engines, each under a name that starts the model references it serves, as in ``-m NAME:REST``.

        Called when a model reference begins with a name that aigc itself does not know, at most once in a run.
        Opening the engine, not offering it, is the time to import a heavy library.
        """
        raise NotImplementedError

    @hookspec
    def aigc_feedback(self, rating: Rating) -> None:
        """Hear of a vote. Called after the user has voted on an answer, when the vote is in the history."""
        raise NotImplementedError
