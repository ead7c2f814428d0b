"""The plugin host: good plugins are heard, bad ones are named and skipped, and none can break it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from aigc_cli.core.text import Notice
from aigc_cli.plugin.host import Host, PluginInfo

Install = Callable[..., Path]
IMPORTS = "from pathlib import Path\nfrom aigc_cli.api import hookimpl, EngineProvider\n"
FOLDER = IMPORTS + "@hookimpl\ndef aigc_templates():\n    return [Path(__file__).parent]\n"
HOOK = IMPORTS + "@hookimpl\ndef aigc_templates():\n    "

HOSTILE = {
    "raises at import": ("raise ValueError('no luck')", "ValueError: no luck"),
    "is not Python": ("def", "SyntaxError"),
    "needs what is not there": ("import not_there_at_all", "ModuleNotFoundError: No module named"),
    "ends the program at import": ("import sys; sys.exit('bye')", "SystemExit: bye"),
    "raises in its hook": (HOOK + "raise RuntimeError('late')", "RuntimeError: late"),
    "raises after the first item": (HOOK + "yield Path('/')\n    raise RuntimeError('later')", "RuntimeError: later"),
    "ends the program in its hook": (HOOK + "raise SystemExit(3)", "SystemExit: 3"),
    "returns a number": (HOOK + "return 7", "TypeError: 'int' object is not iterable"),
    "returns wrong items": (HOOK + "return ['prompts']", "offers 'prompts', which is not the Path of a folder"),
    "returns no folder": (HOOK + "return [Path('/none/such')]", "which is not the Path of a folder"),
    "has no hook": ("x = 1", "it implements none of aigc's hooks"),
    "wants arguments": (HOOK.replace("()", "(app)") + "return []", "PluginValidationError"),
    "knows a hook we do not": (HOOK.replace("aigc_templates", "aigc_magic") + "return []", "unknown hook 'aigc_magic'"),
    "speaks in control characters": ("raise ValueError('\\x1b[2J\\nred\\u202e')", "ValueError: [2J red"),
}


@pytest.fixture
def notices() -> list[Notice]:
    """Return what the host had to say."""
    return []


def host(notices: list[Notice], disabled: str = "") -> Host:
    """Return a host that adds its notices to a list."""
    return Host(disabled, notices.append)


def test_nothing_is_installed(site: Path, notices: list[Notice]) -> None:
    """Without plugins there is nothing to offer and nothing to say."""
    assert host(notices).template_folders() == []
    assert host(notices).infos() == notices == []


def test_template_folders_come_with_names(install: Install, notices: list[Notice]) -> None:
    """Folders come in the order of the plugins' names, whatever the order of installation."""
    for name in ("zebra", "ant"):
        site = install(name, FOLDER)
    assert host(notices).template_folders() == [("ant", site), ("zebra", site)]
    assert notices == []


def test_a_plugin_can_be_an_object(install: Install, notices: list[Notice]) -> None:
    """The entry point may name an object whose methods are the hooks."""
    code = (
        IMPORTS + "class P:\n    @hookimpl\n    def aigc_templates(self):\n        yield Path(__file__).parent\np = P()"
    )
    site = install("obj", code, target=":p")
    assert host(notices).template_folders() == [("obj", site)]


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_plugin_is_named_and_skipped(install: Install, notices: list[Notice], case: str) -> None:
    """Whatever it does, the others are heard, one notice names it with the remedy, and the listing says why."""
    code, detail = HOSTILE[case]
    install("bad", code)
    site = install("good", FOLDER)
    plugins = host(notices)
    for _ in range(2):
        assert plugins.template_folders() == [("good", site)]
    (notice,) = notices
    assert "'bad' is skipped" in str(notice)
    assert "`aigc plugins disable bad`" in str(notice)
    assert str(notice).isprintable()
    bad, good = plugins.infos()
    assert (bad.state, good.state) == ("failed", "enabled")
    assert detail in bad.error


def test_a_disabled_plugin_is_never_imported(install: Install, notices: list[Notice]) -> None:
    """What is named in the setting stays out, also when its name is part of another's."""
    install("bad", "raise ValueError")
    site = install("bad-not", FOLDER)
    plugins = host(notices, "other, bad ,")
    assert plugins.template_folders() == [("bad-not", site)]
    assert [(info.name, info.state) for info in plugins.infos()] == [("bad", "disabled"), ("bad-not", "enabled")]
    assert "aigc_bad" not in sys.modules
    assert host(notices, "all").template_folders() == []
    assert notices == []


def test_names_import_nothing(install: Install, notices: list[Notice]) -> None:
    """The names are known from metadata alone."""
    install("bad", "raise ValueError")
    assert host(notices).names() == ["bad"]
    assert notices == []


def test_what_a_listing_says(install: Install, notices: list[Notice]) -> None:
    """A plugin is listed with its distribution, version and hooks."""
    code = FOLDER + "@hookimpl\ndef aigc_engines():\n    return []\n"
    install("pen", code)
    assert host(notices).infos() == [PluginInfo("pen", "aigc-pen", "1.2", ("engines", "templates"), "enabled", "")]


def test_two_plugins_of_one_name(install: Install, notices: list[Notice]) -> None:
    """The second plugin of a name is refused, and the message says who has the name."""
    install("pen", FOLDER, distribution="aigc-a")
    install("pen", FOLDER, distribution="aigc-b")
    plugins = host(notices)
    assert len(plugins.template_folders()) == 1
    assert "aigc-a has a plugin of the same name" in str(notices[0])
    assert [info.state for info in plugins.infos()] == ["enabled", "failed"]


def test_engines(install: Install, notices: list[Notice]) -> None:
    """Engines come by name; a plugin with a name that cannot begin a model reference is refused."""
    code = IMPORTS + (
        "from aigc_cli.engine.echo import EchoEngine\n@hookimpl\ndef aigc_engines():\n"
        "    yield EngineProvider('NAME', 'd', lambda rest: EchoEngine(int(rest)))\n"
    )
    install("a", code.replace("NAME", "parrot"))
    install("b", code.replace("NAME", "par rot"))
    engines = host(notices).engines()
    assert list(engines) == ["parrot"]
    assert engines["parrot"].open("77").info().context == 77
    assert "'b' is skipped" in str(notices[0])


def test_endless_results_are_cut(install: Install, notices: list[Notice]) -> None:
    """A hook that never stops yielding does not keep the program from going on."""
    install("flood", HOOK + "while True:\n        yield Path('/')")
    folders: list[tuple[str, Path]] = []
    worker = threading.Thread(target=lambda: folders.extend(host(notices).template_folders()), daemon=True)
    worker.start()
    worker.join(30)
    assert 0 < len(folders) < 10_000


def test_ctrl_c_is_not_swallowed(install: Install, notices: list[Notice]) -> None:
    """An interruption while a plugin is being loaded ends the program, not the plugin."""
    install("slow", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        host(notices).template_folders()
