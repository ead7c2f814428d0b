"""``aigc plugins``, run as a process with plugins on its path."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from aigc_process import Aigc

GOOD = (
    "from pathlib import Path\nfrom aigc_cli.api import hookimpl\n"
    "@hookimpl\ndef aigc_templates():\n    return [Path(__file__).parent / 'pen_prompts']\n"
)


@pytest.fixture(autouse=True)
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a good and a bad plugin, each with its metadata, where Python finds them."""
    for name, code in (("pen", GOOD), ("bad", "raise ValueError('no luck')")):
        about = tmp_path / f"aigc_{name}-1.2.dist-info"
        about.mkdir()
        (tmp_path / f"aigc_{name}.py").write_text(code, encoding="utf-8")
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: aigc-{name}\nVersion: 1.2\n", encoding="utf-8")
        (about / "entry_points.txt").write_text(f"[aigc]\n{name} = aigc_{name}\n", encoding="utf-8")
    (tmp_path / "pen_prompts").mkdir()
    template = 'description = "shouts"\nuser = "Shout: {{ input }}"\n'
    (tmp_path / "pen_prompts" / "shout.toml").write_text(template, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.fspath(tmp_path))


def states(aigc: Aigc) -> dict[str, str]:
    """Return the states of the two plugins."""
    rows = json.loads(aigc("plugins", "list", "--json").out)
    return {row["name"]: row["state"] for row in rows if row["name"] in ("pen", "bad")}


def test_listing(aigc: Aigc) -> None:
    """The listing has the documented keys; the reason of a failure is in it and not on stderr besides."""
    ended = aigc("plugins", "list", "--json")
    rows = {row["name"]: row for row in json.loads(ended.out)}
    assert rows["pen"] == {
        "name": "pen",
        "distribution": "aigc-pen",
        "version": "1.2",
        "provides": ["templates"],
        "state": "enabled",
        "error": "",
    }
    assert (rows["bad"]["state"], rows["bad"]["error"]) == ("failed", "ValueError: no luck")
    assert ended.err == ""
    assert "no luck" in aigc("plugins", "list").out


def test_templates_of_a_plugin_work_beside_a_broken_plugin(aigc: Aigc) -> None:
    """The answer is on stdout; the broken plugin is named on stderr with what turns it off."""
    ended = aigc("-m", "echo", "-t", "shout", "hello")
    assert (ended.code, ended.out) == (0, "Shout: hello\n")
    assert "aigc plugins disable bad" in ended.err
    aigc("plugins", "disable", "bad")
    assert aigc("-m", "echo", "-t", "shout", "hello").err == ""


def test_switching(aigc: Aigc) -> None:
    """Disabling and enabling last, and leave the other plugin alone."""
    assert aigc("plugins", "disable", "pen").code == 0
    assert aigc("plugins", "disable", "bad").code == 0
    assert states(aigc) == {"pen": "disabled", "bad": "disabled"}
    assert aigc("-m", "echo", "-t", "shout", "hello").code == 2
    assert aigc("plugins", "enable", "pen").code == 0
    assert states(aigc) == {"pen": "enabled", "bad": "disabled"}


def test_one_of_all_can_be_enabled(aigc: Aigc) -> None:
    """Where every plugin is off, enabling one leaves the others off."""
    aigc("config", "set", "disable_plugins", "all")
    assert states(aigc) == {"pen": "disabled", "bad": "disabled"}
    aigc("plugins", "enable", "pen")
    assert states(aigc) == {"pen": "enabled", "bad": "disabled"}


def test_the_environment_decides(aigc: Aigc, monkeypatch: pytest.MonkeyPatch) -> None:
    """AIGC_DISABLE_PLUGINS turns plugins off, and switching says so rather than change a file to no effect."""
    monkeypatch.setenv("AIGC_DISABLE_PLUGINS", "bad")
    assert states(aigc) == {"pen": "enabled", "bad": "disabled"}
    ended = aigc("plugins", "enable", "bad")
    assert ended.code == 2
    assert "AIGC_DISABLE_PLUGINS" in ended.err


def test_unknown_plugins(aigc: Aigc) -> None:
    """A name that no plugin has is an error for both commands."""
    for command in ("enable", "disable"):
        ended = aigc("plugins", command, "nothing")
        assert (ended.code, len(ended.err.splitlines())) == (2, 1)
