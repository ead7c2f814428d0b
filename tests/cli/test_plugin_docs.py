"""What docs/plugins.md says is so."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import threading
import venv
from pathlib import Path

import pytest
from aigc_process import Aigc
from prose import ROOT, blocks, named_files

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
    assert [name for name in vars(Hooks) if name.startswith("aigc_") and f"### `{name}(" not in text] == []


def test_the_chinese_guide_shows_the_same_commands() -> None:
    """What the test of the English page tries is what the Chinese page shows."""
    chinese = ROOT / "docs" / "zh" / "plugins.md"
    assert blocks(chinese, "console") == blocks(GUIDE, "console")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of an environment that has aigc and its test kit, and nothing that was installed by hand."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, symlinks=True)
    (library,) = folder.glob("lib/python*/site-packages")
    # Everything of this environment, as if it were installed there; what is installed there comes first.
    (library / "this.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    script = f"#!{folder}/bin/python\nfrom aigc_cli.cli.main import main\nmain()\n"
    (folder / "bin" / "aigc").write_text(script)
    (folder / "bin" / "aigc").chmod(0o755)
    return folder / "bin"


def test_the_path_of_an_author(fresh: Path, tmp_path: Path) -> None:
    """Every command line of the guide works, one after the other, and its changes to the new plugin count at once."""
    env = {**os.environ, "PATH": f"{fresh}{os.pathsep}{os.environ['PATH']}", "AIGC_MODEL": "echo"}
    env.pop("PYTHONPATH", None)

    def shell(line: str, *codes: int) -> str:
        done = subprocess.run(line, shell=True, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=280)
        assert done.returncode in (codes or (0,)), (line, done.stdout, done.stderr)
        return done.stdout

    lines = [line[2:] for block in blocks(GUIDE, "console") for line in block.splitlines() if line.startswith("$ ")]
    assert len(lines) == 12
    for line in lines:
        shell(line, *([0, 5] if " check " in line else []))  # the echo engine keeps to no form
        if line.startswith("aigc plugins new"):
            prompt = "aigc_motto/prompts/motto.en.toml"
            (tmp_path / "aigc-motto" / prompt).write_text(named_files(GUIDE, "toml")[prompt], encoding="utf-8")
    assert "a motto of exactly 3 lines for first snow" in (tmp_path / "snow.txt").read_text().lower()
    assert "motto" not in shell("aigc plugins list --json")
    assert shell("aigc plugins install ./none", 2) == shell("aigc plugins uninstall motto", 2) == ""


def test_the_generator_of_the_guide(tmp_path: Path) -> None:
    """The generator shown passes the check of the host, and the test shown with it passes."""
    files = named_files(GUIDE, "python")
    for name in ("aigc_pair.py", "test_pair.py"):
        (tmp_path / name).write_text(files[name], encoding="utf-8")
    describe(named_files(GUIDE, "toml")["pyproject.toml"].replace("motto", "pair"), tmp_path)
    code = "from aigc_cli.plugin.host import Host; print(Host('', print).generator('pair').name)"
    for command in (["-c", code], ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_pair.py"]):
        done = subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout


def test_the_listener_of_the_guide(aigc: Aigc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It hears of each vote once, also of one that is changed."""
    (tmp_path / "aigc_applause.py").write_text(named_files(GUIDE, "python")["aigc_applause.py"], encoding="utf-8")
    describe(named_files(GUIDE, "toml")["pyproject.toml"].replace("motto", "applause"), tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.fspath(tmp_path))
    aigc("-m", "echo", "hello")
    for vote in ("up", "up", "down"):
        ended = aigc("rate", vote)
        assert ended.code == 0, ended.err
    signs = [line.split()[0] for line in (Path.home() / "votes.txt").read_text(encoding="utf-8").splitlines()]
    assert signs == ["+1", "-1"]


def test_the_engine_of_the_guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine shown is offered, opens with the rest of the reference, and answers."""
    (tmp_path / "aigc_parrot.py").write_text(named_files(GUIDE, "python")["aigc_parrot.py"], encoding="utf-8")
    pyproject = named_files(GUIDE, "toml")["pyproject.toml"].replace("motto", "parrot")
    describe(pyproject, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    engine = Host("", lambda notice: None).engines()["parrot"].open("polly")
    events = engine.generate(Request((Message("user", "hi"),)), threading.Event())
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "polly"
