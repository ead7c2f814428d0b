"""Ten hostile plugins are installed beside a good one, and the program goes on as if they were not."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
import verse_plugin
from aigc_process import Aigc

from aigc_cli.testing import AIGC, PtyScreen, echo_environ

HOOK = "from aigc_cli.api import *\n@hookimpl\ndef aigc_templates():\n    "
HOSTILE = {
    "raises": "raise ValueError('no luck')",
    "raises-late": HOOK + "raise ValueError('no luck')",
    "exits": "import sys; sys.exit('bye')",
    "garbage": HOOK.replace("templates", "generators") + "return [7, None]",
    "verse": verse_plugin.CODE,  # a name that is taken
    "newer": "from aigc_cli.api import tomorrow",
    "blocks": "import time; time.sleep(10)",
    "escape": HOOK + "return []\nprint('\\x1b[2J\\x1b]0;owned\\x07')",
    "patches": "import builtins, json; builtins.print = json.dumps = None\n" + HOOK + "return []",
    "heavy": "import torch\n" + HOOK + "return []",
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the good plugin and the ten where Python finds them, as pip would have."""
    folder = tmp_path / "site"
    folder.mkdir()
    verse_plugin.install(folder)
    for name, code in HOSTILE.items():
        verse_plugin.install(folder, name, code, distribution=f"hostile-{name}")
    monkeypatch.setenv("PYTHONPATH", os.fspath(folder))
    monkeypatch.setenv("AIGC_MODEL", "echo")
    return folder


def test_the_command_line_works_and_names_each(aigc: Aigc, site: Path) -> None:
    """Help and the good generator do not even notice; the others are named, with what turns them off."""
    assert aigc("--help").err == ""
    made = aigc("verse", "sea", "-q")
    assert (made.code, made.out, made.err) == (0, "sea 0\nsea 1\n", "")
    ended = aigc("prompts", "list")
    assert ended.code == 0
    named = [line for line in ended.err.splitlines() if "is skipped" in line]
    assert len(named) == len(ended.err.splitlines()) == len(HOSTILE) - 1, "a generator's garbage shows elsewhere"
    for line in named:
        assert re.search(
            r"the plugin '([\w-]+)' is skipped: .+; `aigc plugins (disable \1|uninstall hostile-verse)`", line
        )
    assert "\x1b" not in ended.out + ended.err
    rows = json.loads(aigc("plugins", "list", "--json", AIGC_DISABLE_PLUGINS="blocks").out)
    failed = {row["distribution"] for row in rows if row["state"] == "failed" and row["error"]}
    assert failed == {f"hostile-{name}" for name in HOSTILE.keys() - {"blocks"}}


def test_the_chat_works_and_names_each(site: Path, tmp_path: Path) -> None:
    """`/plugins` lists what is wrong with each, a generator runs, and a question is answered."""
    with PtyScreen(
        [*AIGC, "chat"], env=echo_environ(tmp_path, PYTHONPATH=str(site), VISUAL="true"), rows=60, columns=200
    ) as screen:
        screen.wait_for("echo · 0/")
        screen.send("/verse wide sea\r")
        screen.wait_for("wide sea 1")
        screen.send("/plugins\r")
        seen = screen.wait_for("is skipped", count=len(HOSTILE))
        assert sorted(name for name in HOSTILE if f"'{name}' is skipped" in seen) == sorted(HOSTILE)
        screen.send("/raises a poem\r")
        screen.wait_for("remove it with `aigc plugins disable raises`")
        screen.send("still here\r")
        screen.wait_for("still here", count=2)
        screen.send("\x04")
        assert screen.wait_for_end() == 0
