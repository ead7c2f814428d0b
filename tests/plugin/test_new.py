"""New plugins, and what pip is asked to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from aigc_cli.core.errors import InstallFailed, NoSuchPlugin, OutputExists, UsageProblem
from aigc_cli.plugin import new, packages


@pytest.mark.parametrize("name", ["snow", "first-snow2"])
def test_a_new_plugin_passes_its_own_tests(tmp_path: Path, name: str) -> None:
    """As it is written, and nothing in it is still called "example"."""
    root = new.write(name, tmp_path)
    assert root == tmp_path / f"aigc-{name}"
    written = [path for path in root.rglob("*") if path.is_file()]
    assert len(written) == 6
    assert [path for path in written if "example" in path.name or "example" in path.read_text("utf-8")] == []
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)
    assert "3 passed" in done.stdout, done.stdout


@pytest.mark.parametrize("name", ["", "Snow", "1st", "a_b", "snow-", "../x", "output"])
def test_names_that_no_generator_can_have(tmp_path: Path, name: str) -> None:
    """They are refused before anything is written."""
    with pytest.raises(UsageProblem):
        new.write(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder that is there stays as it is."""
    (tmp_path / "aigc-snow").mkdir()
    with pytest.raises(OutputExists):
        new.write("snow", tmp_path)


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("aigc-letters>=1", "aigc-letters>=1"),
        ("https://example.org/me/letters", "git+https://example.org/me/letters"),
        ("https://example.org/me/letters.git", "git+https://example.org/me/letters.git"),
        ("git+https://example.org/me/letters@v1", "git+https://example.org/me/letters@v1"),
        ("git@example.org:me/letters.git", "git+ssh://git@example.org/me/letters.git"),
        ("https://example.org/letters-1.0-py3-none-any.whl", "https://example.org/letters-1.0-py3-none-any.whl"),
    ],
)
def test_what_pip_is_given(wanted: str, target: str) -> None:
    """Names stay as they are, addresses of repositories become what pip knows them by."""
    assert packages.target(wanted) == target


def test_short_names_are_the_folders_of_a_checkout() -> None:
    """The three plugins of this repository come from here where it is here."""
    assert Path(packages.target("poem")) == Path(__file__).parents[2] / "plugins" / "aigc-poem"


@pytest.mark.parametrize("wanted", ["", "--index-url=https://example.org", "./none"])
def test_what_cannot_be_installed(wanted: str) -> None:
    """An option for pip is no package, and a folder has to be there."""
    with pytest.raises(UsageProblem):
        packages.install(wanted)


def test_pips_own_words_are_the_error(tmp_path: Path) -> None:
    """A folder that is no package ends in one sentence, and aigc itself is not uninstalled."""
    with pytest.raises(InstallFailed) as error:
        packages.install(str(tmp_path))
    assert "pip says" in str(error.value)
    with pytest.raises(NoSuchPlugin):
        packages.uninstall("aigc-cli")
