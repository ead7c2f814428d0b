"""``aigc config``, ``doctor`` and ``completion``, and the boundary that all commands share."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from aigc_process import COMMAND, Aigc


def test_a_setting_is_written_explained_and_removed(aigc: Aigc, home: Path) -> None:
    """`set` writes the file that `path` names, `get` and `list` show value and source, `unset` brings the default."""
    assert aigc("config", "set", "max_tokens", "50").code == 0
    path = aigc("config", "path").out.strip()
    assert path == str(home / "aigc" / "config" / "config.toml")
    assert aigc("config", "get", "max_tokens").out == "50\n"
    rows = {row["key"]: row for row in json.loads(aigc("config", "list", "--json").out)}
    assert (rows["max_tokens"]["value"], rows["max_tokens"]["source"]) == (50, path)
    aigc("config", "unset", "max_tokens")
    assert aigc("config", "get", "max_tokens").out == "2048\n"
    assert aigc("config", "get", "no_such").code == 2


def test_a_setting_is_obeyed(aigc: Aigc) -> None:
    """A limit from the settings ends an answer as the option does, and the user is told."""
    aigc("config", "set", "max_tokens", "2")
    ended = aigc("-m", "echo", "one two three")
    assert (ended.out, ended.err.count("\n")) == ("one two\n", 1)
    assert aigc("-m", "echo", "one two three", "--max-tokens", "2").err == ""


def test_a_broken_settings_file_is_named_and_does_not_block_help(aigc: Aigc, home: Path) -> None:
    """Commands that need settings say which file is broken; help and `config path` work."""
    aigc("config", "set", "top_k", "3")
    (home / "aigc" / "config" / "config.toml").write_text("nonsense [")
    ended = aigc("-m", "echo", "hi")
    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert "config.toml" in ended.err
    assert aigc("--help").code == 0
    assert aigc("config", "path").code == 0


def test_doctor_reports_every_topic(aigc: Aigc, model_path: Path) -> None:
    """The report is one object with the documented topics; a sound installation has no serious problem."""
    aigc("models", "add", str(model_path), "--alias", "starter")
    ended = aigc("doctor", "--json")
    report = json.loads(ended.out)
    assert (ended.code, [p for p in report["problems"] if p["serious"]]) == (0, [])
    assert list(report) == ["versions", "engine", "model", "database", "interface", "folders", "problems"]
    assert report["engine"]["cores"] >= 1
    assert isinstance(report["engine"]["gpu_offload"], bool)
    assert report["model"]["name"] == "starter"
    assert len(report["model"]["sha256"]) == 64
    assert report["model"]["layers"] == 30
    assert 0 <= report["model"]["gpu_layers"] <= 30


def test_doctor_names_a_damaged_database_with_a_remedy(aigc: Aigc, home: Path) -> None:
    """A serious problem is said with what to do about it, and the exit code is 1."""
    aigc("-m", "echo", "hello")
    (home / "aigc" / "data" / "aigc.db").write_bytes(b"this is no database" * 500)
    for leftover in (home / "aigc" / "data").glob("aigc.db-*"):
        leftover.unlink()
    ended = aigc("doctor", "--json")
    (problem,) = [p for p in json.loads(ended.out)["problems"] if p["serious"]]
    assert ended.code == 1
    assert "aigc.db" in problem["problem"]
    assert problem["remedy"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_printed_and_installed_once(aigc: Aigc, home: Path, shell: str) -> None:
    """Installing twice leaves the same one file, and no other file of the user's is touched."""
    script = aigc("completion", shell).out
    assert "_AIGC_COMPLETE" in script
    for _ in range(2):
        assert aigc("completion", shell, "--install", XDG_DATA_HOME="", XDG_CONFIG_HOME="").code == 0
    (written,) = [path for path in home.rglob("*") if path.is_file()]
    assert written.read_text() == script


def test_bash_completes_commands_and_options(home: Path) -> None:
    """In a real bash, the script completes a command and an option."""
    script = subprocess.run([*COMMAND, "completion", "bash"], capture_output=True, text=True, check=True).stdout
    tool = home / "aigc"
    tool.write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} "$@"\n')
    tool.chmod(0o755)
    program = script + (
        "\nCOMP_WORDS=(aigc hist); COMP_CWORD=1; _aigc_completion aigc; echo ${COMPREPLY[@]}"
        "\nCOMP_WORDS=(aigc ask --temper); COMPREPLY=(); COMP_CWORD=2; _aigc_completion aigc; echo ${COMPREPLY[@]}"
    )
    environ = {**os.environ, "PATH": f"{home}{os.pathsep}{os.environ['PATH']}", "AIGC_HOME": str(home / "store")}
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, env=environ)
    assert done.stdout.split() == ["history", "--temperature"]


def test_a_bug_becomes_a_file_and_one_line(home: Path) -> None:
    """What nobody expected is a traceback in a private file that the line names, never on the screen."""
    program = (
        "import sys\nfrom aigc_cli.cli import boundary\n"
        "with boundary.guarded() as outcome:\n    {}['no such key']\nsys.exit(outcome.code)"
    )
    done = subprocess.run([COMMAND[0], "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    (report,) = (home / "aigc" / "state").glob("crash-*.txt")
    assert str(report) in done.stderr
    assert "KeyError: 'no such key'" in report.read_text()
    assert report.stat().st_mode & 0o777 == 0o600


def test_a_read_only_database_is_an_error_and_no_save_gets_around_it(aigc: Aigc, home: Path) -> None:
    """The remedy that the error names works."""
    aigc("-m", "echo", "first")
    path = home / "aigc" / "data" / "aigc.db"
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        if os.access(path, os.W_OK):
            pytest.skip("the superuser may write everything")
        ended = aigc("-m", "echo", "second")
        assert (ended.code, ended.err.count("\n")) == (1, 1)
        assert "--no-save" in ended.err
        assert aigc("-m", "echo", "second", "--no-save").out == "second\n"
    finally:
        path.parent.chmod(0o700)
