"""Loading plugins and calling their hooks, each in its own guard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

import pluggy

from aigc_cli.core.engine import EngineProvider
from aigc_cli.core.text import N_, Notice
from aigc_cli.plugin.discovery import Found, installed
from aigc_cli.plugin.spec import PROJECT, Hooks

T = TypeVar("T")
_EVERY_ONE = "all"
_MOST_ITEMS = 1_000
_LONGEST_DETAIL = 200
_ENGINE_NAME = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """An installed plugin.

    Attributes:
        distribution: What pip calls it.
        provides: The hooks it implements, without their "aigc_".
        error: Why it failed; empty if it did not.
    """

    name: str
    distribution: str
    version: str
    provides: tuple[str, ...]
    state: Literal["enabled", "disabled", "failed"]
    error: str


class Host:
    """The installed plugins. One that misbehaves is named once, with what turns it off, and skipped from then on.

    Plugins are imported when they are first asked for something, not before.
    """

    def __init__(self, disabled: str, notify: Callable[[Notice], None]) -> None:
        """``disabled`` names the plugins not to load, separated by commas; "all" stands for every one."""
        self._disabled = {name.strip() for name in disabled.split(",")}
        self._notify = notify
        self._failures: dict[Found, str] = {}

    def template_folders(self) -> list[tuple[str, Path]]:
        """Return pairs of a plugin's name and a folder of prompt templates, in the order of the names."""
        return self._collect("aigc_templates", _folder)

    def engines(self) -> dict[str, EngineProvider]:
        """Return the engines that plugins offer by name; of two with the same name, the first plugin's."""
        offered = [provider for _, provider in self._collect("aigc_engines", _engine)]
        return {provider.name: provider for provider in reversed(offered)}

    def names(self) -> list[str]:
        """Return the names of the installed plugins; nothing is loaded for it."""
        return [plugin.name for plugin in installed()]

    def infos(self) -> list[PluginInfo]:
        """Return every installed plugin by name; those that are not disabled are loaded for it."""
        return [self._info(plugin) for plugin in installed()]

    @cached_property
    def _loaded(self) -> dict[Found, pluggy.PluginManager]:
        """The plugins that could be loaded, each in a manager of its own, so that none meets another."""
        loaded: dict[Found, pluggy.PluginManager] = {}
        for plugin in installed():
            if not self._is_disabled(plugin):
                with self._guard(plugin):
                    if taken := [other for other in loaded if other.name == plugin.name]:
                        raise _Misbehaviour(f"{taken[0].distribution} has a plugin of the same name")
                    loaded[plugin] = _load(plugin)
        return loaded

    def _collect(self, hook: str, check: Callable[[object], T]) -> list[tuple[str, T]]:
        """Return what every plugin offers at ``hook``, with the plugin's name; ``check`` raises at a bad item."""
        collected = []
        for plugin, manager in self._loaded.items():
            if plugin not in self._failures:
                with self._guard(plugin):
                    results = getattr(manager.hook, hook)()
                    items = [check(item) for result in results for item in islice(result, _MOST_ITEMS)]
                    collected += [(plugin.name, item) for item in items]
        return collected

    @contextmanager
    def _guard(self, plugin: Found) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # plugins also call sys.exit
            detail = str(error) if isinstance(error, _Misbehaviour) else f"{type(error).__name__}: {error}"
            self._failures[plugin] = _one_line(detail)
            params = {"name": plugin.name, "detail": self._failures[plugin], "remedy": remedy(plugin.name)}
            self._notify(Notice(N_("the plugin {name!r} is skipped: {detail}; `{remedy}` turns it off"), params))

    def _info(self, plugin: Found) -> PluginInfo:
        about = (plugin.name, plugin.distribution, plugin.version)
        if self._is_disabled(plugin):
            return PluginInfo(*about, (), "disabled", "")
        provides = _hooks(self._loaded[plugin]) if plugin in self._loaded else ()
        error = self._failures.get(plugin, "")
        return PluginInfo(*about, provides, "failed" if error else "enabled", error)

    def _is_disabled(self, plugin: Found) -> bool:
        return plugin.name in self._disabled or _EVERY_ONE in self._disabled


def remedy(name: str) -> str:
    """Return the command that turns a plugin off."""
    return f"aigc plugins disable {name}"


class _Misbehaviour(Exception):
    """What a plugin did that it should not have, as an English sentence."""


def _load(plugin: Found) -> pluggy.PluginManager:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    manager.register(plugin.entry_point.load(), plugin.name)
    manager.check_pending()
    if not _hooks(manager):
        raise _Misbehaviour("it implements none of aigc's hooks")
    return manager


def _hooks(manager: pluggy.PluginManager) -> tuple[str, ...]:
    callers = [caller for plugin in manager.get_plugins() for caller in manager.get_hookcallers(plugin) or ()]
    return tuple(sorted(caller.name.removeprefix(f"{PROJECT}_") for caller in callers))


def _folder(item: object) -> Path:
    if not isinstance(item, Path) or not item.is_dir():
        raise _Misbehaviour(f"aigc_templates offers {item!r}, which is not the Path of a folder")
    return item


def _engine(item: object) -> EngineProvider:
    if not isinstance(item, EngineProvider) or not _ENGINE_NAME.fullmatch(item.name) or not callable(item.open):
        raise _Misbehaviour(f"aigc_engines offers {item!r}, which is not an EngineProvider with a name of a-z, 0-9, -")
    return item


def _one_line(text: str) -> str:
    """Make what a plugin says harmless: one line, no control characters, not long."""
    words = "".join(char if char.isprintable() else " " for char in text).split()
    return " ".join(words)[:_LONGEST_DETAIL]
