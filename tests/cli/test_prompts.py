"""``aigc prompts``, run as a process."""

from __future__ import annotations

import json
from pathlib import Path

from aigc_process import Aigc

GOOD = 'description = "greets"\nuser = "Greet {{ who }}."\n[variables.who]\nhelp = "whom"\n'


def test_listing(aigc: Aigc) -> None:
    """The listing is one array with every template in force, for people one line each."""
    listed = json.loads(aigc("prompts", "list", "--json").out)
    (one,) = [row for row in listed if (row["name"], row["language"]) == ("summarize", "zh")]
    assert one.keys() == {"name", "language", "description", "version", "source", "path", "error"}
    assert (one["source"], one["error"]) == ("bundled", "")
    assert len(aigc("prompts", "list").out.splitlines()) == len(listed) + 1


def test_a_new_template_is_listed_shown_checked_and_used(aigc: Aigc) -> None:
    """What `new` writes works at once, and `ask -t` uses it."""
    path = aigc("prompts", "new", "问候", "--lang", "zh").out.strip()
    assert aigc("prompts", "check").code == 0
    assert path in aigc("prompts", "show", "问候").out
    assert [row["path"] for row in json.loads(aigc("prompts", "list", "--json").out) if row["source"] == "user"] == [
        path
    ]
    ended = aigc("-m", "echo", "-t", "问候", "-p", "tone=热情", "早上好")
    assert ended.out.endswith("用热情的语气改写下面的文字：\n\n早上好\n")


def test_showing(aigc: Aigc) -> None:
    """Showing names the variables with their choices and the messages as the model will get them."""
    shown = aigc("prompts", "show", "summarize").out
    assert "prose | bullets" in shown
    assert "Summarize the text below in 3 short sentences." in shown
    assert "{{ input }}" in shown
    data = json.loads(aigc("prompts", "show", "summarize.zh", "--json").out)
    assert [variable["name"] for variable in data["variables"]] == ["sentences", "style"]
    assert "{{ sentences }}" in data["user"]


def test_showing_a_template_without_defaults_and_input(aigc: Aigc) -> None:
    """Values that have to be given are shown by their names."""
    path = Path(aigc("prompts", "new", "greet").out.strip())
    path.write_text(GOOD, encoding="utf-8")
    assert "Greet {{ who }}." in aigc("prompts", "show", "greet").out


def test_the_interface_language_chooses(aigc: Aigc) -> None:
    """With a Chinese interface the Chinese version is shown, and started."""
    assert "summarize.zh@1" in aigc("prompts", "show", "summarize", AIGC_LANGUAGE="zh").out
    assert aigc("prompts", "new", "summarize", AIGC_LANGUAGE="zh").out.endswith("summarize.zh.toml\n")


def test_checking_names_every_problem(aigc: Aigc, tmp_path: Path) -> None:
    """Each problem is a line with the file in front, and the exit code is 1."""
    good, bad = tmp_path / "good.toml", tmp_path / "bad.en.toml"
    good.write_text(GOOD, encoding="utf-8")
    bad.write_text('user = "{{ x }}"\ncolor = "red"\n', encoding="utf-8")
    ended = aigc("prompts", "check", str(good), str(bad), str(tmp_path / "none.toml"))
    assert ended.code == 1
    assert [line.partition(": ")[0] for line in ended.out.splitlines()] == [str(bad), str(bad), f"{tmp_path}/none.toml"]
    assert aigc("prompts", "check", str(good)).code == 0


def test_a_broken_file_is_listed_and_cannot_be_used(aigc: Aigc) -> None:
    """A broken file shows its error in the listing and ends `ask` with exit code 2 and the way to check it."""
    path = Path(aigc("prompts", "new", "greet").out.strip())
    path.write_text(GOOD + "x = 1\n", encoding="utf-8")
    assert "wrong: variables.who.x: is not a key" in aigc("prompts", "list").out
    ended = aigc("-m", "echo", "-t", "greet", "-p", "who=you")
    assert (ended.code, ended.out) == (2, "")
    assert "aigc prompts check" in ended.err


def test_mistakes(aigc: Aigc) -> None:
    """Unknown templates, unknown and missing variables, and files in the way end with exit code 2 and one line."""
    Path(aigc("prompts", "new", "greet").out.strip()).write_text(GOOD, encoding="utf-8")
    for args in (
        ["prompts", "show", "nothing"],
        ["prompts", "new", "greet"],
        ["prompts", "new", "../greet"],
        ["-t", "nothing", "hello"],
        ["-t", "summarize", "-p", "colour=red", "hello"],
        ["-t", "summarize", "-p", "sentences=few", "hello"],
        ["-t", "summarize"],
        ["-t", "greet"],
        ["-t", "greet", "-p", "who=you", "a text"],
    ):
        ended = aigc(*args, AIGC_MODEL="echo")
        assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1), (args, ended)


def test_variants_are_tried_by_votes_and_promoted(aigc: Aigc) -> None:
    """One is used by name, its vote is counted, and promoting it changes what the template says."""
    said = json.loads(aigc("-m", "echo", "--json", "-t", "explain.en#picture", "rain").out)
    assert said["text"].startswith("Explain this to a curious beginner. Begin with a comparison")
    assert aigc("rate", "up").code == 0
    rows = json.loads(aigc("prompts", "stats", "explain.en", "--json").out)
    assert [(row["variant"], row["liked"], row["disliked"]) for row in rows] == [("base", 0, 0), ("picture", 1, 0)]
    assert "explain.en@1" in aigc("prompts", "stats").out
    path = Path(aigc("prompts", "promote", "explain.en", "picture").out.strip())
    assert "Begin with a comparison" in path.read_text(encoding="utf-8")
    assert aigc("prompts", "check").code == 0
    assert json.loads(aigc("-m", "echo", "--json", "-t", "explain.en", "rain").out)["text"] == said["text"]
