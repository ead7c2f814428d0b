"""Reading the database of ``llm``."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from llm_database import LlmDatabase

from aigc_cli.core.conversation import ForeignConversation
from aigc_cli.core.errors import UnknownHistory
from aigc_cli.store.llm_logs import read_llm_logs


@pytest.fixture(params=[False, True], ids=["old", "new"])
def logs(request: pytest.FixtureRequest, tmp_path: Path) -> LlmDatabase:
    """Give an empty database of either generation."""
    return LlmDatabase(tmp_path / "logs.db", threads=request.param)


def said(foreign: ForeignConversation) -> list[tuple[str, str]]:
    """Return role and text of the turns that have one."""
    return [(turn.role, turn.text) for turn in foreign.turns if turn.text]


def test_responses_become_conversations_in_the_order_of_their_ids(logs: LlmDatabase) -> None:
    """Each response gives its system prompt, question and answer; one outside a conversation stands alone."""
    logs.insert("conversations", id="c1", name="标题")
    logs.log_response("r2", "c1", "second", "二")
    logs.log_response("r1", "c1", "first", "一", system="be brief", input_tokens=7, output_tokens=3)
    logs.log_response("r3", None, "alone", "三", options_json='{"temperature": 0.5}')  # type: ignore[arg-type]
    alone, talk = read_llm_logs(logs.path)
    assert talk.title == "标题"
    assert said(talk) == [
        ("system", "be brief"),
        ("user", "first"),
        ("assistant", "一"),
        ("user", "second"),
        ("assistant", "二"),
    ]
    assert said(alone) == [("user", "alone"), ("assistant", "三")]
    answer = talk.turns[2]
    assert (answer.model, answer.prompt_tokens, answer.completion_tokens) == ("gpt-4o", 7, 3)
    assert answer.created.startswith("2024-05-06T07:08:09")
    assert alone.turns[-1].parameters == {"temperature": 0.5}


def test_fragments_are_part_of_the_question(logs: LlmDatabase) -> None:
    """What was given with ``llm -f`` stands before the prompt, in its order."""
    logs.log_response("r", "c", "compare", "done")
    for number, content in ((1, "one"), (2, "two")):
        logs.insert("fragments", id=number, content=content)
        logs.insert("prompt_fragments", response_id="r", fragment_id=number, order=-number)
    (talk,) = read_llm_logs(logs.path)
    assert said(talk)[0] == ("user", "two\none\ncompare")


def test_threads_become_trees(tmp_path: Path) -> None:
    """Turns of a thread that share a beginning share its messages; tool messages have no text."""
    logs = LlmDatabase(tmp_path / "logs.db")
    logs.insert("threads", id="t", name="name")
    question = logs.say("m1", logs.say("m0", None, "system", "brief"), "user", "你好")
    first, second = logs.say("m2", question, "assistant", "一"), logs.say("m3", question, "assistant", "二")
    tool = logs.say("m4", second, "tool", "output of a tool")
    last = logs.say("m5", tool, "assistant", "三")
    logs.log_turn("u1", "t", first, input_tokens=5, output_tokens=2)
    logs.log_turn("u2", "t", last, model="other", datetime_utc="2026-02-02T00:00:00+00:00", output_tokens=9)
    (talk,) = read_llm_logs(logs.path)
    turns = {turn.id.rpartition("/")[2]: turn for turn in talk.turns}
    assert {name: turn.parent and turn.parent.rpartition("/")[2] for name, turn in turns.items()} == {
        "m0": None,
        "m1": "m0",
        "m2": "m1",
        "m3": "m1",
        "m4": "m3",
        "m5": "m4",
    }
    assert [turns[name].text for name in ("m2", "m3", "m4", "m5")] == ["一", "二", "", "三"]
    assert [(turns[n].model, turns[n].completion_tokens) for n in ("m2", "m3", "m5")] == [
        ("claude", 2),
        ("other", None),
        ("other", 9),
    ]


def test_a_conversation_that_goes_on_in_a_thread_is_one(tmp_path: Path) -> None:
    """What a later version repeats of a conversation that an earlier one began is not there twice."""
    logs = LlmDatabase(tmp_path / "logs.db")
    logs.insert("threads", id="c", name="name")
    logs.log_response("r", "c", "one", "eins", system="be brief")
    begun = logs.say("m2", logs.say("m1", None, "user", "one"), "assistant", "eins")
    logs.log_turn("u1", "c", logs.say("m4", logs.say("m3", begun, "user", "two"), "assistant", "zwei"))
    logs.log_turn("u2", "c", logs.say("m5", logs.say("m1b", None, "user", "another"), "assistant", "beginning"))
    (talk,) = read_llm_logs(logs.path)
    turns = {turn.text: turn for turn in talk.turns}
    assert [turn.text for turn in talk.turns] == ["be brief", "one", "eins", "two", "zwei", "another", "beginning"]
    assert turns["two"].parent == turns["eins"].id
    assert turns["another"].parent is None


def test_text_that_refers_to_fragments_is_put_together(tmp_path: Path) -> None:
    """A part may be literals and numbers of fragments instead of text; what is wrong in it is left out."""
    logs = LlmDatabase(tmp_path / "logs.db")
    logs.insert("fragments", id=1, content="from a file\n")
    pieces = [{"fragment": 1}, {"literal": "explain"}, {"fragment": 99}, {"fragment": 1 << 70}, 5, {"literal": 6}]
    logs.log_turn("u", "t", logs.say("m", None, "user", None, {"text_ref": pieces}))
    (talk,) = read_llm_logs(logs.path)
    assert said(talk) == [("user", "from a file\nexplain")]


def test_a_circle_of_messages_ends(tmp_path: Path) -> None:
    """A damaged database whose messages follow each other is read to an end."""
    logs = LlmDatabase(tmp_path / "logs.db")
    logs.say("a", "b", "user", "x")
    logs.say("b", "a", "assistant", "y")
    logs.log_turn("u", "t", "a")
    (talk,) = read_llm_logs(logs.path)
    assert len(talk.turns) == 2


def test_columns_of_later_versions_may_be_missing(tmp_path: Path) -> None:
    """A database of an early version has no token counts and no fragments."""
    path = tmp_path / "logs.db"
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE TABLE responses (id TEXT, model TEXT, prompt TEXT, response TEXT, conversation_id TEXT)")
        conn.execute("INSERT INTO responses VALUES ('r', 'm', CAST(x'ff61' AS TEXT), x'00ff', 'c')")
        conn.commit()
    (talk,) = read_llm_logs(path)
    assert said(talk) == [("user", "\ufffda")]


def test_a_view_is_not_taken_for_a_table(tmp_path: Path) -> None:
    """A view called like a table could compute for ever; it is not read."""
    path = tmp_path / "logs.db"
    with closing(sqlite3.connect(path)) as conn:
        conn.execute(
            "CREATE VIEW responses AS WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT * FROM n"
        )
    with pytest.raises(UnknownHistory):
        list(read_llm_logs(path))


def test_the_file_is_only_read(logs: LlmDatabase) -> None:
    """Nothing in the file or beside it changes."""
    logs.log_response("r", "c", "q", "a")
    before = logs.path.read_bytes()
    assert len(list(read_llm_logs(logs.path))) == 1
    assert logs.path.read_bytes() == before
    assert [file.name for file in logs.path.parent.iterdir()] == ["logs.db"]


def test_damaged_and_other_databases_are_refused(logs: LlmDatabase, tmp_path: Path) -> None:
    """A database without the tables of ``llm``, and one that is cut off, are named as what they are."""
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as conn:
        conn.execute("CREATE TABLE x (y)")
    logs.log_response("r", "c", "q" * 50_000, "a" * 50_000)
    logs.path.write_bytes(logs.path.read_bytes()[:9000])
    for path in (other, logs.path):
        with pytest.raises(UnknownHistory):
            list(read_llm_logs(path))
