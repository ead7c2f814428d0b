"""The composition root: settings in, working parts out, each made when it is first used."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from aigc_cli import i18n
from aigc_cli.config import settings as config
from aigc_cli.config.paths import Paths
from aigc_cli.config.settings import Settings
from aigc_cli.core.errors import AigcError
from aigc_cli.core.text import Notice

if TYPE_CHECKING:
    from aigc_cli.catalog import Catalog
    from aigc_cli.core.engine import Engine
    from aigc_cli.plugin.host import Host
    from aigc_cli.services.chat import ChatService
    from aigc_cli.store import Store
    from aigc_cli.templates import Templates

Progress = Callable[[int, "int | None"], None]


class App:
    """Everything one command or one REPL works with.

    Attributes:
        paths: The folders.
        notify: Is handed what the user should know but did not ask for; a surface sets it.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self.paths = Paths.find(environ)
        self.notify: Callable[[Notice], None] = lambda notice: None
        self._engines: dict[str, Engine] = {}

    @cached_property
    def settings(self) -> Settings:
        """The settings in force; raises `SettingError` where one is wrong."""
        return config.load(self.paths.settings, self._environ)

    def explain_settings(self) -> list[config.Explained]:
        """Return every setting with its value and where it comes from."""
        return config.explain(self.paths.settings, self._environ)

    def change_setting(self, key: str, text: str | None) -> None:
        """Write a setting to the user's file, or remove it from there if ``text`` is None."""
        config.change(self.paths.settings, key, text)
        self.__dict__.pop("settings", None)

    def choose_language(self) -> None:
        """Make the interface speak the user's language; a settings file that is wrong is reported later."""
        try:
            configured = self.settings.language
        except AigcError:
            configured = "auto"
        i18n.use(i18n.choose(configured, self._environ))
