"""The plugin host: good plugins are heard, bad ones are named and skipped, and none can break it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from aigc_cli.app import App
from aigc_cli.core.errors import NoSuchPlugin, PluginError
from aigc_cli.core.text import Notice
from aigc_cli.plugin import discovery, guard
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
    "wants arguments": (HOOK.replace("()", "(app)") + "return []", "needs a newer aigc-cli, or is wrong"),
    "knows a hook we do not": (HOOK.replace("aigc_templates", "aigc_magic") + "return []", "unknown hook 'aigc_magic'"),
    "needs a newer api": ("from aigc_cli.api import tomorrow", "it needs a newer aigc-cli (cannot import name"),
    "writes when it is loaded": (FOLDER + "print('\\x1b[2Jhello')", "it writes to standard output: '\\x1b[2Jhello"),
    "writes in its hook": (HOOK + "print('hi')\n    return []", "it writes to standard output: 'hi"),
    "hangs at import": ("import time; time.sleep(10)", "it takes longer than"),
    "hangs in its hook": ("import time\n" + HOOK + "time.sleep(10)", "it takes longer than"),
    "imports what is heavy": ("import torch.nn", "it imports torch before that is needed"),
    "changes a function": (
        "import aigc_cli.plugin.discovery as d; d.installed = lambda: []",
        "it changes parts of the program: aigc_cli.plugin.discovery.installed",
    ),
    "changes a method": ("from aigc_cli.app import App; App.close = lambda self: None", "the program: App.close"),
    "changes a builtin": ("import builtins; builtins.open = None", "the program: builtins.open"),
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
def test_a_hostile_plugin_is_named_and_skipped(
    install: Install, notices: list[Notice], case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it does, the others are heard, one notice names it with the remedy, and the listing says why."""
    monkeypatch.setattr(guard, "PATIENCE", 1.0)
    code, detail = HOSTILE[case]
    install("bad", code, distribution="aigc-" + case.replace(" ", "-"))  # one that hangs keeps its module
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


def test_what_was_changed_is_put_back(install: Install, notices: list[Notice]) -> None:
    """After a plugin that changes the program, everything is as it was."""
    before = (App.close, discovery.installed, open)
    for name, (code, _) in HOSTILE.items():
        if name.startswith("changes"):
            install(name.replace(" ", "-"), code)
    assert host(notices).template_folders() == []
    assert len(notices) == 3
    assert (App.close, discovery.installed, open) == before


def test_a_generator_loads_its_own_plugin_only(install: Install, notices: list[Notice]) -> None:
    """Another plugin is not imported for it; a plugin without generators and one with wrong options say so."""
    code = "from aigc_cli.api import *\n@hookimpl\ndef aigc_generators():\n    yield "
    install("pen", code + "Generator('pen', {'en': 'Write.'}, iter, reasons={'dull': {'en': 'dull'}})")
    install("bad", "raise ValueError")
    install("ink", FOLDER)
    install("odd", code + "Generator('odd', {'en': 'Write.'}, iter, options=(Option('seed', {'en': 's'}),))")
    plugins = host(notices)
    assert dict(plugins.generator("pen").reasons) == {"dull": {"en": "dull"}}
    assert notices == []
    for name, part in {"ink": "it has no generator", "odd": "names are taken: seed", "bad": "ValueError"}.items():
        with pytest.raises(PluginError) as error:
            plugins.generator(name)
        assert part in str(error.value)
    with pytest.raises(NoSuchPlugin):
        plugins.generator("none")
    assert list(plugins.generators()) == ["pen"]


@pytest.mark.parametrize(
    ("option", "part"),
    [
        ("Option('Bad', {'en': 'x'})", "not made of a-z"),
        ("Option('x', {'zh': 'x'})", "no English text"),
        ("Option('x', {'en': 'x'}, 'list')", "is of the type 'list'"),
        ("Option('x', {'en': 'x'}, 'choice')", "has no choices"),
        ("Option('x', {'en': 'x'}, 'choice', 'c', choices=('a', 'b'))", "not among its choices"),
        ("Option('x', {'en': 'x'}, 'int', 'one')", "which is no int"),
        ("Option('x', {'en': 'x'}, 'file', 'a.txt')", "is a file and has a default"),
        ("Option('x', {'en': 'x'}, 'bool', multiple=True)", "can be given several times"),
        ("Option('x', {'en': 'x'}, 'bool'), Option('no-x', {'en': 'x'})", "names are taken: no-x"),
    ],
)
def test_options_that_cannot_be_flags(install: Install, notices: list[Notice], option: str, part: str) -> None:
    """A declaration that no command can be made from is refused with the reason."""
    code = "from aigc_cli.api import *\n@hookimpl\ndef aigc_generators():\n    yield "
    install("pen", f"{code}Generator('pen', {{'en': 'Write.'}}, iter, options=({option},))")
    assert host(notices).generators() == {}
    assert part in str(notices[0])


def test_names_for_commands_are_those_that_importlib_finds(install: Install) -> None:
    """The quick look at the folders agrees with the library, but for disabled names and those no command can have."""
    for name in ("pen", "ink", "Loud", "a.b", "off"):
        install(name, "", distribution=f"aigc-{name.lower().replace('.', '')}")
    wanted = {plugin.name for plugin in discovery.installed()} - {"Loud", "a.b", "off"}
    assert discovery.names(" off,") == sorted(wanted)
    assert {"pen", "ink"} <= wanted
    assert discovery.names("all") == []


def test_ctrl_c_is_not_swallowed(install: Install, notices: list[Notice]) -> None:
    """An interruption while a plugin is being loaded ends the program, not the plugin."""
    install("slow", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        host(notices).template_folders()
