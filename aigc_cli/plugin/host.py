"""Loading plugins and calling their hooks, each in its own guard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

import pluggy

from aigc_cli.core.engine import EngineProvider
from aigc_cli.core.errors import NoSuchPlugin, PluginError
from aigc_cli.core.feedback import Rating
from aigc_cli.core.generator import Generator
from aigc_cli.core.text import N_, Notice
from aigc_cli.plugin import new, packages
from aigc_cli.plugin.checks import Misbehaviour, check_engine, check_folder, check_generator
from aigc_cli.plugin.discovery import EVERY_ONE, Found, disabled_names, installed
from aigc_cli.plugin.guard import attempt
from aigc_cli.plugin.spec import PROJECT, Hooks

T = TypeVar("T")
_API = "aigc_cli.api"
_MOST_ITEMS = 1_000
_LONGEST_DETAIL = 200


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
        self._disabled = disabled_names(disabled)
        self._notify = notify
        self._failures: dict[Found, str] = {}
        self._managers: dict[Found, pluggy.PluginManager] = {}

    def template_folders(self, name: str = "") -> list[tuple[str, Path]]:
        """Return pairs of a plugin's name and a folder of prompt templates, of all plugins by name or of one."""
        return [(plugin.name, folder) for plugin, folder in self._collect("aigc_templates", check_folder, name)]

    def generators(self) -> dict[str, Generator]:
        """Return every generator by name."""
        return self._generators()

    def generator(self, name: str) -> Generator:
        """Return one generator; only its own plugin is loaded for it.

        Raises:
            NoSuchPlugin: if no plugin that is not disabled has this name.
            PluginError: if the plugin does not work, or has no such generator.
        """
        if not self._enabled(name):
            raise NoSuchPlugin(name=name)
        if found := self._generators(name).get(name):
            return found
        failed = [detail for plugin, detail in self._failures.items() if plugin.name == name]
        detail = failed[0] if failed else N_("it has no generator; its templates are for `aigc ask -t`")
        raise PluginError(name=name, detail=detail, remedy=remedy(name))

    def _generators(self, name: str = "") -> dict[str, Generator]:
        """Return generators by name: those of all plugins, or of one."""
        offered = self._collect("aigc_generators", check_generator, name)
        return {generator.name: generator for plugin, generator in offered if generator.name == plugin.name}

    def engines(self) -> dict[str, EngineProvider]:
        """Return the engines that plugins offer by name; of two with the same name, the first plugin's."""
        offered = [provider for _, provider in self._collect("aigc_engines", check_engine)]
        return {provider.name: provider for provider in reversed(offered)}

    def tell_vote(self, rating: Rating) -> None:
        """Tell every plugin that wants to know of a vote."""
        for plugin in self._enabled():
            manager = self._manager(plugin)
            if manager and plugin not in self._failures:
                with self._guard(plugin):
                    attempt(partial(manager.hook.aigc_feedback, rating=rating))

    def names(self) -> list[str]:
        """Return the names of the installed plugins; nothing is loaded for it."""
        return [plugin.name for plugin in installed()]

    def infos(self) -> list[PluginInfo]:
        """Return every installed plugin by name; those not disabled are loaded and asked for all they offer."""
        for offer in (self.generators, self.template_folders, self.engines):
            offer()
        return [self._info(plugin) for plugin in installed()]

    def install(self, wanted: str, *, editable: bool) -> list[Found]:
        """Install a package with plugins; see `aigc_cli.plugin.packages.install`."""
        return packages.install(wanted, editable=editable)

    def uninstall(self, name: str) -> str:
        """Remove the package of a plugin; see `aigc_cli.plugin.packages.uninstall`."""
        return packages.uninstall(name)

    def new(self, name: str, folder: Path) -> Path:
        """Write the beginnings of a plugin; see `aigc_cli.plugin.new.write`."""
        return new.write(name, folder)

    def _enabled(self, name: str = "") -> list[Found]:
        """Return the plugins that may be loaded: all, or those of one name."""
        return [plugin for plugin in installed() if name in ("", plugin.name) and not self._is_disabled(plugin)]

    def _manager(self, plugin: Found) -> pluggy.PluginManager | None:
        """Return the manager that a plugin has to itself, so that none meets another; None if it cannot be loaded."""
        if plugin not in self._managers and plugin not in self._failures:
            with self._guard(plugin):
                if taken := [other for other in self._managers if other.name == plugin.name]:
                    cure = f"aigc plugins uninstall {plugin.distribution}"
                    raise Misbehaviour(f"{taken[0].distribution} has a plugin of the same name", cure)
                self._managers[plugin] = attempt(lambda: _load(plugin))
        return self._managers.get(plugin)

    def _collect(self, hook: str, check: Callable[[object], T], name: str = "") -> list[tuple[Found, T]]:
        """Return what every plugin, or those of one name, offers at ``hook``; ``check`` raises at a bad item."""
        collected = []
        for plugin in self._enabled(name):
            manager = self._manager(plugin)
            if manager and plugin not in self._failures:
                with self._guard(plugin):
                    items = attempt(partial(_items, getattr(manager.hook, hook), check))
                    collected += [(plugin, item) for item in items]
        return collected

    @contextmanager
    def _guard(self, plugin: Found) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # plugins also call sys.exit
            detail = str(error) if isinstance(error, Misbehaviour) else f"{type(error).__name__}: {error}"
            self._failures[plugin] = _one_line(detail)
            cure = getattr(error, "remedy", "") or remedy(plugin.name)
            params = {"name": plugin.name, "detail": self._failures[plugin], "remedy": cure}
            self._notify(Notice(N_("the plugin {name!r} is skipped: {detail}; `{remedy}` turns it off"), params))

    def _info(self, plugin: Found) -> PluginInfo:
        about = (plugin.name, plugin.distribution, plugin.version)
        if self._is_disabled(plugin):
            return PluginInfo(*about, (), "disabled", "")
        provides = _hooks(manager) if (manager := self._manager(plugin)) else ()
        error = self._failures.get(plugin, "")
        return PluginInfo(*about, provides, "failed" if error else "enabled", error)

    def _is_disabled(self, plugin: Found) -> bool:
        return plugin.name in self._disabled or EVERY_ONE in self._disabled


def remedy(name: str) -> str:
    """Return the command that turns a plugin off."""
    return f"aigc plugins disable {name}"


def _load(plugin: Found) -> pluggy.PluginManager:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    try:
        manager.register(plugin.entry_point.load(), plugin.name)
        manager.check_pending()
    except ImportError as error:
        if error.name == _API:
            raise Misbehaviour(f"it needs a newer aigc-cli ({error.msg})") from error
        raise
    except pluggy.PluginValidationError as error:
        raise Misbehaviour(f"it needs a newer aigc-cli, or is wrong: {error}") from error
    if not _hooks(manager):
        raise Misbehaviour("it implements none of aigc's hooks")
    return manager


def _items(call: Callable[[], Iterable[Iterable[object]]], check: Callable[[object], T]) -> list[T]:
    return [check(item) for result in call() for item in islice(result, _MOST_ITEMS)]


def _hooks(manager: pluggy.PluginManager) -> tuple[str, ...]:
    callers = [caller for plugin in manager.get_plugins() for caller in manager.get_hookcallers(plugin) or ()]
    return tuple(sorted(caller.name.removeprefix(f"{PROJECT}_") for caller in callers))


def _one_line(text: str) -> str:
    """Make what a plugin says harmless: one line, no control characters, not long."""
    words = "".join(char if char.isprintable() else " " for char in text).split()
    return " ".join(words)[:_LONGEST_DETAIL]
