"""``aigc history tree``, ``export`` and ``import``, run as processes."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from aigc_process import Aigc
from llm_database import LlmDatabase

from aigc_cli.config.paths import Paths
from aigc_cli.core.conversation import Turn
from aigc_cli.store import Store

EVIL = "<script>alert(1)</script> \x1b]0;owned\x07 [a](javascript:alert(1)) ![p](http://example.com/x.png)"


@pytest.fixture
def turns(home: Path) -> list[Turn]:
    """Fill the history: a question with two answers, the second of which goes on, and a conversation with bad text."""
    store = Store(Paths.find().database)
    first = store.new_conversation("标题")
    question = store.add_turn(first, None, "user", "什么是机器学习？")
    left = store.add_turn(first, question.id, "assistant", "**左**", model="qwen")
    right = store.add_turn(first, question.id, "assistant", "右\n\n- 一", model="qwen")
    more = store.add_turn(first, right.id, "user", "more")
    second = store.new_conversation()
    evil = store.add_turn(second, None, "user", EVIL)
    answer = store.add_turn(second, evil.id, "assistant", EVIL)
    store.close()
    return [question, left, right, more, evil, answer]


def test_tree_draws_all_branches_and_marks_the_way(aigc: Aigc, turns: list[Turn]) -> None:
    """Every turn has a line with the beginning of its id, branches are indented, stars lead to REF."""
    question, left, right, more, *_ = turns
    lines = aigc("history", "tree", question.conversation).out.splitlines()
    assert [line[:14] for line in lines] == [turn.id[:14] for turn in (question, left, right, more)]
    assert [line[15] for line in lines] == ["*", " ", "*", "*"]
    assert [line[17:] for line in lines] == ["> 什么是机器学习？", "    **左**", "    右 - 一", "  > more"]
    other = aigc("history", "tree", left.id).out.splitlines()
    assert [line[15] for line in other] == ["*", "*", " ", " "]
    rows = json.loads(aigc("history", "tree", left.id, "--json").out)
    assert [row["parent"] for row in rows] == [None, question.id, question.id, right.id]
    assert "\x1b" not in aigc("history", "tree").out


def test_markdown_has_the_way_to_a_turn(aigc: Aigc, turns: list[Turn]) -> None:
    """A conversation is its title and the turns of its newest branch; a turn is what led to it."""
    question, left, right, more, *_ = turns
    text = aigc("history", "export", question.conversation).out
    assert text.startswith("# 标题\n")
    assert [turn.text in text for turn in (question, left, right, more)] == [True, False, True, True]
    assert left.text in aigc("history", "export", left.id, "--format", "md").out


class Tags(HTMLParser):
    """Collects the names of elements, and of their attributes with an address."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one element."""
        self.found += [tag, *(f"{name}={value}" for name, value in attrs if ":" in (value or ""))]


def test_a_page_runs_and_fetches_nothing(aigc: Aigc, turns: list[Turn], tmp_path: Path) -> None:
    """The suffix of the file says the format; one page holds all conversations and no element of their making."""
    page = tmp_path / "history.html"
    ended = aigc("history", "export", "--all", "-o", str(page))
    assert (ended.code, ended.out) == (0, "")
    text = page.read_text(encoding="utf-8")
    found = Tags(text).found
    assert found.count("html") == 1
    assert found.count("h1") == 2
    assert found.count("article") == 5
    assert "script" not in found
    assert {name for name in found if ":" in name} == {"href=http://example.com/x.png"}  # to click on
    assert "<strong>" not in text  # it is on the other branch
    assert text.index("标题") < text.index("alert(1)")


@pytest.mark.parametrize("name", ["all.json", "all.jsonl"])
def test_what_is_exported_can_be_imported(aigc: Aigc, turns: list[Turn], tmp_path: Path, name: str) -> None:
    """All branches of all conversations come back in another home, once."""
    file = tmp_path / name
    assert aigc("history", "export", "--all", "-o", str(file)).code == 0
    other = {"AIGC_HOME": str(tmp_path / "other")}
    done = json.loads(aigc("history", "import", "--json", str(file), **other).out)
    assert done == {"conversations": 2, "turns": 6, "present": 0, "skipped": 0}
    rows = json.loads(aigc("history", "list", "--json", **other).out)
    assert [(row["text"], row["created"]) for row in reversed(rows)] == [(turn.text, turn.created) for turn in turns]
    assert not {row["id"] for row in rows} & {turn.id for turn in turns}
    again = json.loads(aigc("history", "import", "--json", str(file), **other).out)
    assert again == {"conversations": 0, "turns": 0, "present": 6, "skipped": 0}


def test_json_is_an_array_and_lines_are_objects(aigc: Aigc, turns: list[Turn]) -> None:
    """Whatever the number of conversations: one array, or one line each, and no escape sequence in either."""
    for refs, count in (([], 1), (["--all"], 2)):
        array = aigc("history", "export", "--format", "json", *refs).out
        lines = aigc("history", "export", "--format", "jsonl", *refs).out
        assert json.loads(array) == [json.loads(line) for line in lines.splitlines()]
        assert len(json.loads(array)) == count
        assert "\x1b" not in array + lines
    assert json.loads(array)[0]["title"] == "标题"


def test_an_export_that_fails_leaves_the_old_file(aigc: Aigc, turns: list[Turn], tmp_path: Path) -> None:
    """An unknown REF, a missing folder and contradicting options change nothing and leave nothing behind."""
    file = tmp_path / "kept.md"
    file.write_text("kept", encoding="utf-8")
    assert aigc("history", "export", turns[0].id, "nothing", "-o", str(file)).code == 1
    assert aigc("history", "export", "--all", turns[0].id, "-o", str(file)).code == 2
    missing = aigc("history", "export", "-o", str(tmp_path / "no" / "file.md"))
    assert (missing.code, missing.err.count("\n")) == (1, 1)
    assert file.read_text(encoding="utf-8") == "kept"
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.md"]
    assert aigc("history", "export", "-o", str(file)).code == 0
    assert "alert" in file.read_text(encoding="utf-8")
    assert aigc("history", "export", "-o", "/dev/stdout").out == file.read_text(encoding="utf-8")


def test_an_empty_history_exports_to_nothing(aigc: Aigc, tmp_path: Path) -> None:
    """`--all` of nothing is valid in every format; the last of nothing is an error."""
    assert aigc("history", "export", "--all", "--format", "json").out == "[]\n"
    assert aigc("history", "export", "--all", "--format", "jsonl").out == ""
    assert aigc("history", "export", "--all").out == ""
    assert aigc("history", "export").code == 1


def test_import_says_what_it_added(aigc: Aigc, tmp_path: Path) -> None:
    """The logs of llm give four numbers, in the user's language; a file of another kind ends with 1 and one line."""
    logs = LlmDatabase(tmp_path / "logs.db")
    logs.log_response("r", "c", "你好", "\x1b[31mhello")
    ended = aigc("history", "import", str(logs.path))
    assert ended.code == 0
    assert [line.split()[-1] for line in ended.out.splitlines()] == ["1", "2", "0", "0"]
    assert "跳过的条目" in aigc("history", "import", str(logs.path), AIGC_LANGUAGE="zh").out
    assert "2024-05-06" in aigc("history", "show").out
    assert "\x1b" not in aigc("history", "show").out
    (tmp_path / "text").write_text("hello", encoding="utf-8")
    refused = aigc("history", "import", str(tmp_path / "text"))
    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)
