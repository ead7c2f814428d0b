"""``aigc generate`` and the commands of generators, run as a process with a plugin on its path."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest
import verse_plugin
from aigc_process import Aigc

from aigc_cli.testing import AIGC, PtyScreen, echo_environ


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the generator "verse" where Python finds it."""
    folder = tmp_path / "site"
    folder.mkdir()
    verse_plugin.install(folder)
    monkeypatch.setenv("PYTHONPATH", os.fspath(folder))
    monkeypatch.setenv("AIGC_MODEL", "echo")
    return folder


def test_both_commands_print_what_is_made_and_nothing_else(aigc: Aigc) -> None:
    """The artifact alone is on stdout; the topic may come through a pipe as well."""
    assert aigc("verse", "the", "sea", "-q").out == "the sea 0\nthe sea 1\n"
    ended = aigc("generate", "verse", "--lines", "1", "sea", "-q", input="by night\n")
    assert (ended.code, ended.out, ended.err) == (0, "sea\n\nby night 0\n", "")


def test_notes_are_shown_also_where_nothing_is_wrong(aigc: Aigc) -> None:
    """What a check notes goes to stderr though it found no problem, unless that is to be quiet."""
    ended = aigc("verse", "sea", "--wide")
    assert (ended.code, ended.err.splitlines()[-1]) == (0, "it is wide")
    assert "wide" not in aigc("verse", "sea", "--wide", "-q").err


def test_help_lists_the_plugin_without_importing_it(aigc: Aigc, site: Path) -> None:
    """A plugin that cannot even be imported is in help; its own help says what is wrong with it."""
    verse_plugin.install(site, "bad", "raise ValueError('no luck')")
    listed = aigc("--help")
    assert (listed.code, listed.err) == (0, "")
    assert re.findall(r"^  (\w+) +`aigc \w+ --help`", listed.out, re.MULTILINE) == ["bad", "verse"]
    ended = aigc("bad", "--help")
    assert ended.code == 1
    assert "no luck" in ended.err
    assert "aigc plugins disable bad" in ended.err
    aigc("plugins", "disable", "bad")
    assert "bad" not in aigc("--help").out
    assert aigc("bad", "weather").out == "bad weather\n", "a word that is no command begins a prompt"


def test_shells_complete_names_without_importing_plugins(aigc: Aigc, site: Path) -> None:
    """A plugin that cannot be imported is offered by name; options and their choices come from the plugin itself."""
    verse_plugin.install(site, "vexed", "raise ValueError('no luck')")

    def offered(words: str) -> list[str]:
        number = str(words.count(" "))
        ended = aigc(_AIGC_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=number)
        assert ended.err == ""
        return [line.partition(",")[2] for line in ended.out.splitlines() if line]

    assert offered("aigc ve") == offered("aigc generate ve") == ["verse", "vexed"]
    assert offered("aigc verse --li") == ["--lines", "--like"]
    assert offered("aigc verse --as m") == ["md"]
    assert offered("aigc vexed --li") == []


def test_options_become_flags_in_the_users_language(aigc: Aigc) -> None:
    """Types, choices, ranges and defaults are those declared, and the help is in the language of the interface."""
    text = aigc("verse", "--help", AIGC_LANGUAGE="zh").out
    for part in ("写诗句。", "行数。", "[plain|md|code]", "--wide / --no-wide", "1<=x<=9", "主题", "aigc verse check"):
        assert part in text
    assert aigc("verse", "--lines", "10", "sea").code == 2
    assert aigc("verse", "--as", "prose", "sea").code == 2


def test_json_has_the_answer_the_artifact_and_its_check(aigc: Aigc) -> None:
    """The id is that of the draft the artifact comes from, so that a vote on it is a vote on that."""
    data = json.loads(aigc("verse", "sea", "--short", "--json").out)
    assert data["artifact"] == {"kind": "verse", "title": "sea", "text": "sea 0", "path": None}
    assert data["check"] == {
        "valid": False,
        "problems": ["1 lines instead of 2"],
        "marked": "sea 0\n~~~",
        "notes": [],
        "lines": 1,
    }
    assert (data["generator"], data["text"], data["model"]) == ("verse", "sea 0", "echo")
    kept = json.loads(aigc("history", "list", "--json").out)
    assert data["id"] in [row["id"] for row in kept]
    assert [c["id"] for c in data["candidates"]] == [data["id"]]
    assert data["completion_tokens"] == 1 + 2 + 2


def test_the_last_answer_is_the_draft_that_was_chosen(aigc: Aigc) -> None:
    """A vote right after a generator goes to what it made, not to the draft that happened to be written last."""
    made = json.loads(aigc("verse", "sea", "-n", "3", "--json").out)
    drafts = json.loads(aigc("history", "list", "--json").out)
    assert drafts[0]["id"] != made["id"]
    assert json.loads(aigc("rate", "up", "--json").out)["turn"] == made["id"]
    asked = json.loads(aigc("ask", "And now?", "--json").out)
    assert json.loads(aigc("rate", "up", "--json").out)["turn"] == asked["id"]


def test_strict_fails_where_the_check_does(aigc: Aigc) -> None:
    """Exit code 5 with the text still on stdout and the problems on stderr; without --strict the code is 0."""
    strict = aigc("verse", "sea", "--short", "--strict")
    assert (strict.code, strict.out) == (5, "sea 0\n")
    assert "- 1 lines instead of 2" in strict.err
    assert aigc("verse", "sea", "--short").code == 0
    assert aigc("verse", "sea", "--strict").code == 0


def test_check_judges_a_text_of_anyones(aigc: Aigc, tmp_path: Path) -> None:
    """`check FILE` uses the generator's options; a topic that begins with the word goes after two hyphens."""
    file = tmp_path / "mine.txt"
    file.write_text("one\ntwo\n")
    assert aigc("verse", "check", str(file)).code == 0
    wrong = aigc("verse", "check", "-", "--lines", "3", input="one\n")
    assert (wrong.code, wrong.out) == (5, "one\n\n~~~\n- 1 lines instead of 3\n")
    data = json.loads(aigc("verse", "check", str(file), "--json").out)
    assert data == {
        "generator": "verse",
        "check": {"valid": True, "problems": [], "marked": "", "notes": [], "lines": 2},
    }
    assert aigc("verse", "-q", "--", "check", "it").out.startswith("check it 0")


def test_the_output_file(aigc: Aigc, tmp_path: Path) -> None:
    """It is written instead of stdout; one that is there stays as it is unless --force says otherwise."""
    path = tmp_path / "sea.txt"
    ended = aigc("verse", "sea", "-o", str(path), "--json")
    assert json.loads(ended.out)["artifact"]["path"] == str(path)
    assert path.read_text() == "sea 0\nsea 1\n"
    path.chmod(0o640)
    refused = aigc("verse", "lake", "-o", str(path))
    assert (refused.code, refused.out, len(refused.err.splitlines())) == (2, "", 1)
    assert "--force" in refused.err
    assert path.read_text() == "sea 0\nsea 1\n"
    assert aigc("verse", "lake", "-o", str(path), "--force").out == ""
    assert path.read_text() == "lake 0\nlake 1\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert aigc("verse", "sea", "-o", str(tmp_path / "none" / "x")).code == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["sea.txt", "site"]


def test_markdown_becomes_a_page(aigc: Aigc, tmp_path: Path) -> None:
    """A file that ends in .html is a page."""
    path = tmp_path / "sea.html"
    aigc("verse", "**sea**", "--as", "md", "-o", str(path))
    page = path.read_text()
    assert page.startswith("<!doctype html>")
    assert "<strong>sea</strong> 0" in page


def test_files_are_read_for_the_flow(aigc: Aigc) -> None:
    """Where a file is standard input, that is not the topic; where there is a file, a topic is not needed."""
    assert aigc("verse", "--like", "-", "-q", "sea", input="an example").out == "sea 0\nsea 1\n"
    assert aigc("verse", "--like", "-", "-q", input="an example").code == 0
    assert aigc("verse").code == 2
    assert aigc("verse", "--like", "/none/such", "sea").code == 1


def test_consent_without_a_terminal_is_the_option(aigc: Aigc) -> None:
    """Where nobody can be asked, only the option that the flow names says yes."""
    assert aigc("verse", "sea", "--as", "code", "--wide", "-q").code == 0
    ended = aigc("verse", "sea", "--as", "code")
    assert (ended.code, ended.out) == (2, "")
    assert "no code then" in ended.err


def test_nothing_is_kept_if_so_wished(aigc: Aigc) -> None:
    """--no-save leaves no trace in the history, and no id to vote on."""
    assert json.loads(aigc("verse", "sea", "--no-save", "--json").out)["id"] == ""
    assert json.loads(aigc("history", "list", "--json").out) == []


def test_on_a_terminal(site: Path, tmp_path: Path) -> None:
    """Drafts grow in place and are gone at the end, the user edits and is asked before a file is replaced."""
    path = tmp_path / "sea.txt"
    path.write_text("sea 0\nold\n")
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf edited > "$2"\n')
    editor.chmod(0o700)
    env = echo_environ(tmp_path / "home", AIGC_MODEL="echo:60", PYTHONPATH=str(site), VISUAL=f"{editor} -w")
    command = [*AIGC, "verse", "a wide and stormy sea", "--as", "code", "-o", str(path)]
    with PtyScreen(command, env=env) as screen:
        screen.wait_for("a wide and")
        screen.wait_for("Really code? [y/N]")
        screen.send("y\r")
        seen = screen.wait_for("[y/N]", count=2)
        assert "-old" in seen
        assert "+edited 1" in seen
        assert "wide and" not in seen
        screen.send("n\r")
        assert screen.wait_for_end() == 0
        assert "edited 0\nedited 1" in screen.text()
    assert path.read_text() == "sea 0\nold\n"


def test_ctrl_c_keeps_the_draft(aigc: Aigc, site: Path, tmp_path: Path) -> None:
    """An interruption ends the run with 130; the draft that was growing is kept and marked."""
    env = echo_environ(tmp_path / "home", AIGC_MODEL="echo:60", PYTHONPATH=str(site))
    with PtyScreen([*AIGC, "verse", "one two three four five six seven eight nine"], env=env) as screen:
        screen.wait_for("one two")
        screen.send("\x03")
        assert screen.wait_for_end() == 130
        assert "stopped" in screen.text()
    rows = json.loads(aigc("history", "list", "--json", AIGC_HOME=str(tmp_path / "home")).out)
    drafts = [row for row in rows if row["role"] == "assistant"]
    assert [row["status"] for row in drafts] == ["interrupted"]
    assert drafts[0]["text"].startswith("one two")
