"""``aigc history``, run as a process on a database that holds two conversations."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pexpect
import pytest
from aigc_process import COMMAND, Aigc

from aigc_cli.config.paths import Paths
from aigc_cli.core.conversation import Turn
from aigc_cli.store import Store

KEYS = ["id", "conversation", "role", "created", "model", "status", "text"]


@pytest.fixture
def turns(home: Path) -> list[Turn]:
    """Fill the history: a question with two answers, the second of them interrupted, and a conversation after it."""
    store = Store(Paths.find().database)
    first, second = store.new_conversation(), store.new_conversation()
    question = store.add_turn(first, None, "user", "什么是机器学习？")
    left = store.add_turn(first, question.id, "assistant", "机器学习是\n让机器学习。", model="qwen")
    right = store.add_turn(first, question.id, "assistant", "", status="streaming", model="qwen")
    store.finish(right.id, "C++ it's foo-bar \x1b[31mred", "interrupted", finish_reason="interrupted")
    other = store.add_turn(second, None, "user", "Machine Learning?")
    found = [store.turn(turn.id) for turn in (question, left, right, other)]
    store.close()
    return found


def test_list_shows_the_newest_turns_first(aigc: Aigc, turns: list[Turn]) -> None:
    """A listing has one line for each turn, of one conversation if that is asked for, and no more than asked for."""
    question, left, right, other = turns
    lines = aigc("history", "list").out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == [turn.id[:14] for turn in (other, right, left, question)]
    assert "让机器学习。" in lines[2]
    assert len(aigc("history", "list", "-n", "1").out.splitlines()) == 2
    chosen = json.loads(aigc("history", "list", "--conversation", left.id, "--json").out)
    assert [row["id"] for row in chosen] == [right.id, left.id, question.id]


def test_json_has_the_documented_keys(aigc: Aigc, turns: list[Turn]) -> None:
    """Scripts get one array of objects, with text to the letter and escape sequences harmless."""
    ended = aigc("history", "list", "--json")
    rows = json.loads(ended.out)
    assert [list(row) for row in rows] == [KEYS] * 4
    assert rows[1] == {key: getattr(turns[2], key) for key in KEYS}
    assert "\x1b" not in ended.out
    assert "什么是机器学习" in ended.out


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (["学习"], [1, 0]),
        (["什么", "学习"], [0]),
        (["machine"], [3]),
        (["C++"], [2]),
        (["it's"], [2]),
        (["foo-bar"], [2]),
        (["--", "-bar"], [2]),
        (["NOT"], []),
        (['"'], []),
    ],
)
def test_search_takes_ordinary_text(aigc: Aigc, turns: list[Turn], query: list[str], expected: list[int]) -> None:
    """Two Chinese characters are enough, and no punctuation is syntax."""
    found = json.loads(aigc("history", "search", "--json", *query).out)
    assert [row["id"] for row in found] == [turns[index].id for index in expected]


def test_show_prints_the_way_to_a_turn(aigc: Aigc, turns: list[Turn]) -> None:
    """A turn shows what led to it, a conversation its newest branch, no REF the newest turn; in full and filtered."""
    question, left, right, other = turns
    shown = aigc("history", "show", left.id[:20]).out
    assert shown.index(question.text) < shown.index(left.text)
    assert right.id not in shown
    newest = aigc("history", "show", left.conversation).out
    assert "foo-bar red" in newest
    assert left.id not in newest
    assert [row["id"] for row in json.loads(aigc("history", "show", "--json").out)] == [other.id]


def test_unknown_and_ambiguous_refs_are_explained(aigc: Aigc, turns: list[Turn]) -> None:
    """A REF that names nothing ends with 1, one that names several with 2, each in one line."""
    for args, code in ((["show", "nothing"], 1), (["delete", "--yes", "0"], 2)):
        ended = aigc("history", *args)
        assert (ended.code, ended.out, ended.err.count("\n")) == (code, "", 1)


def test_delete_without_a_terminal_needs_yes(aigc: Aigc, turns: list[Turn]) -> None:
    """A script that does not say `--yes` deletes nothing; one that does is told what is gone."""
    refused = aigc("history", "delete", turns[0].id, input="y\n")
    assert (refused.code, refused.out) == (2, "")
    assert "--yes" in refused.err
    done = aigc("history", "delete", turns[0].id, "--yes")
    assert (done.code, done.out) == (0, "")
    assert "3" in done.err
    assert turns[0].text in done.err
    assert [row["id"] for row in json.loads(aigc("history", "list", "--json").out)] == [turns[3].id]
    assert json.loads(aigc("history", "search", "学习", "--json").out) == []


@pytest.mark.parametrize(("answer", "code", "left"), [("y", 0, 3), ("n", 1, 4), ("\x03", 130, 4)])
def test_delete_asks_on_a_terminal(aigc: Aigc, turns: list[Turn], answer: str, code: int, left: int) -> None:
    """The question names what would go; only a yes deletes it."""
    terminal = pexpect.spawn(
        COMMAND[0], [*COMMAND[1:], "history", "delete", turns[2].id], env=os.environ, encoding="utf-8", timeout=30
    )
    terminal.expect_exact("foo-bar")
    terminal.expect_exact("[y/N]")
    terminal.send(answer if answer == "\x03" else answer + "\r")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == code
    assert len(json.loads(aigc("history", "list", "--json").out)) == left


def test_path_is_printed_even_before_there_is_a_database(aigc: Aigc, home: Path) -> None:
    """The path can be used in a script, and asking for it makes nothing."""
    ended = aigc("history", "path")
    assert ended.out == f"{home / 'aigc' / 'data' / 'aigc.db'}\n"
    assert not Path(ended.out.strip()).exists()


def test_an_empty_history_is_an_empty_listing(aigc: Aigc) -> None:
    """Nothing is on standard output but, for a program, an empty array."""
    assert aigc("history", "list").out == ""
    assert aigc("history", "list", "--json").out == "[]\n"
    assert aigc("history", "show").code == 1


def test_a_database_that_cannot_be_used_is_explained_in_one_line(aigc: Aigc, turns: list[Turn]) -> None:
    """A damaged and a newer database end with 1 and a line that names the file and a remedy."""
    database = Paths.find().database
    with closing(sqlite3.connect(database)) as conn:
        conn.execute("INSERT INTO _sqlite_migrations VALUES (99, 'aigc', 'm099_telepathy', '')")
        conn.commit()
    newer = aigc("history", "list")
    database.write_bytes(b"no database" * 100)
    damaged = aigc("-m", "echo", "hello")
    for ended, word in ((newer, "m099_telepathy"), (damaged, "damaged")):
        assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
        assert str(database) in ended.err
        assert word in ended.err


@pytest.mark.parametrize("width", [40, 80])
def test_a_row_fits_the_terminal_and_shows_where_the_words_are(turns: list[Turn], width: int) -> None:
    """On a terminal a result is one line that holds the words, however long the text before them is."""
    store = Store(Paths.find().database)
    store.add_turn(turns[0].conversation, None, "user", "无关的话。" * 100 + "针在这里" + "还有" * 100)
    store.close()
    terminal = pexpect.spawn(
        COMMAND[0],
        [*COMMAND[1:], "history", "search", "针在"],
        env={**os.environ, "TERM": "dumb"},
        encoding="utf-8",
        timeout=30,
        dimensions=(24, width),
    )
    terminal.expect(pexpect.EOF)
    terminal.close()
    lines = terminal.before.splitlines()
    assert len(lines) == 2
    assert all(sum(2 if char > "\u2e80" else 1 for char in line) <= width for line in lines)
    assert width == 40 or "针在" in lines[1]
