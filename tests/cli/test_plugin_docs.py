"""What docs/plugins.md says is so."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from aigc_process import Aigc
from prose import ROOT, examples, named_files

from aigc_cli.core.events import TextDelta
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request
from aigc_cli.plugin.host import Host
from aigc_cli.plugin.spec import Hooks

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

GUIDE = ROOT / "docs" / "plugins.md"


def describe(pyproject: str, site: Path) -> None:
    """Write the metadata that pip would write for a project."""
    project = tomllib.loads(pyproject)["project"]
    about = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir()
    entries = "".join(f"{name} = {target}\n" for name, target in project["entry-points"]["aigc"].items())
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    (about / "entry_points.txt").write_text(f"[aigc]\n{entries}")


def test_every_hook_is_described() -> None:
    """The guide has a section for each hook."""
    text = GUIDE.read_text(encoding="utf-8")
    assert [name for name in vars(Hooks) if name.startswith("aigc_") and f"### `{name}()" not in text] == []


def test_the_commands_of_the_guide(aigc: Aigc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With aigc-poem installed, every command shown works."""
    poem = ROOT / "plugins" / "aigc-poem"
    shutil.copytree(poem / "aigc_poem", tmp_path / "aigc_poem")
    describe((poem / "pyproject.toml").read_text(encoding="utf-8"), tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.fspath(tmp_path))
    shown = examples(GUIDE)
    assert len(shown) == 4
    for example in shown:
        ended = aigc(*shlex.split(example.arguments), AIGC_MODEL="echo")
        assert (ended.code, ended.err) == (0, ""), example


def test_the_plugin_of_the_guide(aigc: Aigc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package shown, with a template in its folder, offers this template."""
    package = tmp_path / "aigc_letters"
    (package / "prompts").mkdir(parents=True)
    files = named_files(GUIDE, "python")
    (package / "__init__.py").write_text(files["aigc_letters/__init__.py"], encoding="utf-8")
    shutil.copy(ROOT / "prompts" / "writing" / "email.en.toml", package / "prompts" / "letter.en.toml")
    describe(named_files(GUIDE, "toml")["pyproject.toml"], tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.fspath(tmp_path))
    ended = aigc("-m", "echo", "-t", "letter", "hello")
    assert (ended.code, ended.err) == (0, "")
    assert "from these notes" in ended.out


def test_the_generator_of_the_guide(tmp_path: Path) -> None:
    """The generator shown passes the check of the host, and the test shown with it passes."""
    files = named_files(GUIDE, "python")
    for name in ("aigc_pair.py", "test_pair.py"):
        (tmp_path / name).write_text(files[name], encoding="utf-8")
    describe(named_files(GUIDE, "toml")["pyproject.toml"].replace("letters", "pair"), tmp_path)
    code = "from aigc_cli.plugin.host import Host; print(Host('', print).generator('pair').name)"
    for command in (["-c", code], ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_pair.py"]):
        done = subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout


def test_the_engine_of_the_guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine shown is offered, opens with the rest of the reference, and answers."""
    (tmp_path / "aigc_parrot.py").write_text(named_files(GUIDE, "python")["aigc_parrot.py"], encoding="utf-8")
    pyproject = named_files(GUIDE, "toml")["pyproject.toml"].replace("letters", "parrot")
    describe(pyproject, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    engine = Host("", lambda notice: None).engines()["parrot"].open("polly")
    events = engine.generate(Request((Message("user", "hi"),)), threading.Event())
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "polly"
