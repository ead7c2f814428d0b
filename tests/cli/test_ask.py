"""``aigc ask``, run as a process on the echo engine: what goes in, what comes out, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest
from aigc_process import COMMAND, Aigc

from aigc_cli.testing import echo_app

KEYS = [
    "version",
    "id",
    "conversation",
    "model",
    "adapter",
    "text",
    "finish_reason",
    "prompt_tokens",
    "reused_tokens",
    "completion_tokens",
    "ttft_ms",
    "tokens_per_second",
    "seed",
    "gpu_layers",
    "learned_from",
    "candidates",
]


def test_stdout_carries_the_answer_and_nothing_else(aigc: Aigc) -> None:
    """The answer ends with one newline; nothing is said on either stream besides."""
    ended = aigc("-m", "echo", "hello world")
    assert (ended.code, ended.out, ended.err) == (0, "hello world\n", "")


def test_a_first_word_that_is_no_command_begins_a_prompt(aigc: Aigc) -> None:
    """Words need no quotes, and `aigc ask` is the same thing said in full."""
    assert aigc("-m", "echo", "good", "morning").out == "good morning\n"
    assert aigc("ask", "-m", "echo", "models list").out == "models list\n"


def test_what_is_piped_in_follows_the_prompt_after_a_blank_line(aigc: Aigc) -> None:
    """Prompt, pipe and files are joined in this order by blank lines."""
    ended = aigc("-m", "echo", "Explain:", input="one\ntwo\n")
    assert ended.out == "Explain:\n\none\ntwo\n"


def test_a_pipe_alone_is_a_prompt(aigc: Aigc) -> None:
    """Without arguments, what is piped in is the whole prompt."""
    assert aigc("-m", "echo", input="只有管道").out == "只有管道\n"
    assert aigc(input="无参数", AIGC_MODEL="echo").out == "无参数\n"


def test_files_are_added_under_their_names(aigc: Aigc, tmp_path: Path) -> None:
    """Each `-f` adds a file with its name; one that is missing is named, with exit code 1."""
    file = tmp_path / "笔记.txt"
    file.write_text("内容\n", encoding="utf-8")
    assert aigc("-m", "echo", "read", "-f", str(file)).out == "read\n\n笔记.txt:\n\n内容\n"
    missing = aigc("-m", "echo", "read", "-f", str(tmp_path / "no.txt"))
    assert (missing.code, missing.out) == (1, "")
    assert "no.txt" in missing.err


def test_gb18030_from_a_pipe_is_understood(aigc: Aigc) -> None:
    """Old Chinese files need no conversion."""
    assert aigc("-m", "echo", input="机器学习".encode("gb18030")).out == "机器学习\n"


@pytest.mark.parametrize("data", [b"\x80\xff\xfe\x00", b"\x00" * 9])
def test_bytes_that_are_no_text_are_refused_in_one_line(aigc: Aigc, data: bytes) -> None:
    """The line says what helps; nothing is answered and nothing is saved."""
    ended = aigc("-m", "echo", "x", input=data)
    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert "iconv" in ended.err
    assert json.loads(aigc("history", "list", "--json").out) == []


def test_nothing_to_ask_is_a_usage_problem(aigc: Aigc) -> None:
    """An empty prompt without a pipe ends with exit code 2."""
    ended = aigc("-m", "echo", "  ")
    assert (ended.code, ended.out) == (2, "")


def test_json_is_one_object_with_the_documented_keys(aigc: Aigc) -> None:
    """Scripts find every documented key in its place, and Chinese as it was written."""
    ended = aigc("-m", "echo", "你好", "--json", "--seed", "7")
    answer = json.loads(ended.out)
    assert set(answer) == set(KEYS)
    assert answer["text"] == "你好"
    assert "你好" in ended.out
    assert (answer["seed"], answer["model"], answer["finish_reason"]) == (7, "echo", "stop")
    assert list(answer["candidates"][0]) == ["id", "text", "finish_reason", "completion_tokens"]
    assert answer["candidates"][0]["id"] == answer["id"]


def test_continuing_adds_to_the_last_conversation(aigc: Aigc) -> None:
    """`-c` goes on where the last answer ended; `--conversation` takes any unique beginning of an id."""
    first = json.loads(aigc("-m", "echo", "one", "--json").out)
    second = json.loads(aigc("-m", "echo", "-c", "and then?", "--json").out)
    third = json.loads(aigc("-m", "echo", "--conversation", first["id"], "again", "--json").out)
    assert first["conversation"] == second["conversation"] == third["conversation"]
    assert second["prompt_tokens"] > first["prompt_tokens"]
    assert third["prompt_tokens"] == first["prompt_tokens"] + 2


def test_continuing_what_is_not_there_is_an_error(aigc: Aigc) -> None:
    """With an empty history `-c` says so."""
    ended = aigc("-m", "echo", "-c", "and then?")
    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)


def test_limits_and_stop_strings_are_obeyed(aigc: Aigc) -> None:
    """`--max-tokens` ends with "length", `--stop` before its text."""
    assert json.loads(aigc("-m", "echo", "a b c d", "--max-tokens", "2", "--json").out)["finish_reason"] == "length"
    assert aigc("-m", "echo", "a b STOP c", "--stop", "STOP").out == "a b \n"


def test_extracting_prints_the_first_code_block_only(aigc: Aigc) -> None:
    """`-x` leaves out the fence and all around it."""
    ended = aigc("-m", "echo", "-x", input="Sure:\n```python\nprint(1)\n```\nDone.\n```\nno\n```\n")
    assert (ended.out, ended.err) == ("print(1)\n", "")
    without = aigc("-m", "echo", "-x", "no code")
    assert (without.out, without.err.count("\n")) == ("no code\n", 1)


def test_a_template_makes_the_question(aigc: Aigc) -> None:
    """`-t` fills a template in the language of the text; its name and version are kept."""
    chinese = aigc("-m", "echo", "-t", "summarize", input="今天天气很好，我们去公园散步。").out
    english = aigc("-m", "echo", "-t", "summarize", input="The weather is fine, we go for a walk.").out
    assert "概括" in chinese
    assert "今天天气很好" in chinese
    assert "ummar" in english
    assert aigc("-m", "echo", "-t", "no-such-template", "x").code == 2
    assert aigc("-m", "echo", "-t", "summarize", "-p", "nonsense=1", "x").code == 2
    assert aigc("-m", "echo", "-p", "tone=dry", "x").code == 2


def test_an_overflow_is_counted_before_anything_else(aigc: Aigc) -> None:
    """A prompt that does not fit ends with exit code 4 and leaves no trace."""
    ended = aigc("-m", "echo", input="word " * 5000)
    assert (ended.code, ended.out, ended.err.count("\n")) == (4, "", 1)
    assert "4096" in ended.err
    assert json.loads(aigc("history", "list", "--json").out) == []


def test_an_empty_answer_has_an_exit_code_of_its_own(aigc: Aigc) -> None:
    """When nothing is generated, the exit code is 5."""
    assert aigc("-m", "echo", "hello", "--stop", "hello").code == 5


@pytest.mark.parametrize("name", ["no-such-model", "./missing.gguf", "pypi:not-here", "hf:some/where/model.gguf"])
def test_a_model_that_is_not_there_has_an_exit_code_of_its_own(aigc: Aigc, name: str) -> None:
    """An unknown model is named in one line with a remedy and exit code 3."""
    ended = aigc("-m", name, "hello")
    assert (ended.code, ended.out, ended.err.count("\n")) == (3, "", 1)


def test_wrong_options_end_with_two(aigc: Aigc) -> None:
    """Usage errors have the exit code that shells expect."""
    assert aigc("ask", "--no-such-option").code == 2
    assert aigc("-m", "echo", "--temperature", "hot", "x").code == 2


def test_nothing_is_saved_when_the_user_says_so(aigc: Aigc, home: Path) -> None:
    """`--no-save` does not even make a database."""
    aigc("-m", "echo", "--no-save", "secret")
    assert not (home / "aigc" / "data" / "aigc.db").exists()


def test_everything_that_is_made_is_private(aigc: Aigc, home: Path) -> None:
    """Files are made with mode 0600 and folders with 0700, whatever the umask."""
    aigc("-m", "echo", "hello")
    aigc("config", "set", "system", "Be brief.")
    made = list((home / "aigc").rglob("*"))
    assert made
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_reader_that_goes_away_ends_it_quietly(home: Path) -> None:
    """`| head -1` ends the program with 141 and without a word; the turn is kept."""
    script = f"{' '.join(COMMAND)} -m echo 2>err | head -1 ; echo ${{PIPESTATUS[0]}}"
    text = "line\n" * 3000
    done = subprocess.run(["bash", "-c", script], input=text.encode(), capture_output=True, cwd=home, timeout=60)
    assert done.stdout.decode().split() == ["line", "141"]
    assert (home / "err").read_text() == ""


def test_a_reader_that_goes_away_ends_a_real_model_as_well(home: Path, model_path: Path) -> None:
    """Nothing of the engine is used after it was freed; what was written until then is kept as interrupted."""
    ask = f"{' '.join(COMMAND)} -m {model_path} --seed 1 'Write a Python function that reverses a list 2.'"
    done = subprocess.run(
        ["bash", "-c", f"{ask} 2>err | head -1 ; echo ${{PIPESTATUS[0]}}"], cwd=home, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "141"
    turn = echo_app(home / "aigc").store.turn("last")
    assert turn.status == "interrupted"
    assert turn.text


def test_closed_standard_input_is_no_input(home: Path) -> None:
    """With standard input closed, the prompt alone is answered."""
    done = subprocess.run(["bash", "-c", f"{' '.join(COMMAND)} -m echo hi <&-"], capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"hi\n", b"")


def test_an_interrupt_keeps_what_there_is(aigc: Aigc, home: Path, model_path: Path) -> None:
    """Ctrl+C ends with 130; the text that was printed is in the history, marked as interrupted."""
    command = [*COMMAND, "-m", str(model_path), "Write a very long story about a fox.", "--seed", "1"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        first = os.read(process.stdout.fileno(), 1)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        printed = (first + process.stdout.read()).decode()
        assert process.wait(timeout=60) == 130
    (last,) = [turn for turn in json.loads(aigc("history", "list", "--json").out) if turn["role"] == "assistant"]
    assert last["status"] == "interrupted"
    assert last["text"].strip() == printed.strip()


def test_chinese_is_the_language_of_errors_too(aigc: Aigc) -> None:
    """In a Chinese locale help and errors are Chinese."""
    assert "用法" in aigc("--help", LANG="zh_CN.UTF-8").out
    assert "模型" in aigc("-m", "nope", "x", LANG="zh_CN.UTF-8").err
