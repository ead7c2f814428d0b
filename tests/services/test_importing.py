"""Bringing conversations in from files."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llm_database import LlmDatabase

from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import InputError, UnknownHistory, UnreadableFile
from aigc_cli.render.document import as_json
from aigc_cli.services import importing
from aigc_cli.services.exports import parse
from aigc_cli.services.importing import import_file, tidy
from aigc_cli.store import Store

NODES = [
    ("root", None, None, ""),
    ("hidden", "root", "system", "You are ChatGPT"),
    ("q", "hidden", "user", "什么是机器学习？"),
    ("tool", "q", "tool", "searching the web"),
    ("a2", "tool", "assistant", "第二个回答"),
    ("a1", "tool", "assistant", "the first answer"),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give an empty history."""
    store = Store(tmp_path / "home" / "aigc.db")
    yield store
    store.close()


def chatgpt(name: str = "c1", **changes: Any) -> dict[str, Any]:
    """Return a conversation as ChatGPT exports it: a question with two answers, of which the first was shown last."""
    mapping = {}
    for second, (node, parent, role, text) in enumerate(NODES):
        message = {
            "id": node,
            "author": {"role": role, "name": None, "metadata": {}},
            "create_time": 1_700_000_000.25 + second,
            "content": {"content_type": "text", "parts": [text]},
            "metadata": {"model_slug": "gpt-4o", "is_visually_hidden_from_conversation": node == "hidden"},
            "recipient": "all",
        }
        children = [other for other, above, _, _ in NODES if above == node]
        mapping[node] = {"id": node, "message": message if role else None, "parent": parent, "children": children}
    return {
        "title": "机器学习",
        "create_time": 1_700_000_000.0,
        "mapping": mapping,
        "current_node": "a1",
        "conversation_id": name,
        **changes,
    }


def written(tmp_path: Path, data: object, name: str = "conversations.json") -> Path:
    """Return a file with ``data`` as JSON."""
    path = tmp_path / name
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_a_chatgpt_export_keeps_its_branches_and_times(store: Store, tmp_path: Path) -> None:
    """What was hidden and what tools said is left out; the branch that was shown last goes on."""
    report = import_file(store, written(tmp_path, [chatgpt()]))
    assert astuple(report) == (1, 3, 0, 0)
    (conversation,) = store.list_conversations()
    assert conversation.title == "机器学习"
    assert conversation.created == "2023-11-14T22:13:20.000+00:00"
    question, second, first = store.branch(conversation.id)
    assert [turn.text for turn in (question, second, first)] == ["什么是机器学习？", "第二个回答", "the first answer"]
    assert second.parent == first.parent == question.id
    assert (first.created, first.model) == ("2023-11-14T22:13:25.250+00:00", "gpt-4o")
    assert question.model == ""
    assert store.tip(conversation.id) == first
    assert store.search("学习", 5) == [question]


def test_nothing_is_imported_twice(store: Store, tmp_path: Path) -> None:
    """The same file adds nothing, a file that has grown what is new; what was deleted comes back."""
    data = chatgpt()
    import_file(store, written(tmp_path, [data]))
    assert astuple(import_file(store, written(tmp_path, [data]))) == (0, 0, 3, 0)
    more = {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["继续"]}}
    data["mapping"]["more"] = {"message": more, "parent": "a2"}
    assert astuple(import_file(store, written(tmp_path, [data]))) == (0, 1, 3, 0)
    assert [turn.text for turn in store.path(store.turn("last").id)] == ["什么是机器学习？", "第二个回答", "继续"]
    store.delete(store.conversation("last"))
    assert astuple(import_file(store, written(tmp_path, [data]))) == (1, 4, 0, 0)


@pytest.mark.parametrize("names", [["conversations.json"], ["a/conversations-000.json", "a/conversations-001.json"]])
def test_the_archive_can_be_given_as_it_came(store: Store, tmp_path: Path, names: list[str]) -> None:
    """The files with conversations are found in the archive, and only those are read."""
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("user.json", "no JSON")
        archive.writestr("chat.html", "<html>")
        for number, name in enumerate(names):
            archive.writestr(name, json.dumps([chatgpt(f"c{number}")]))
    assert import_file(store, tmp_path / "export.zip").conversations == len(names)


def own_conversation(store: Store) -> list[Turn]:
    """Add a conversation with everything an own export can tell, and return its turns."""
    conversation = store.new_conversation()
    first = store.add_turn(conversation, None, "system", "be brief")
    question = store.add_turn(conversation, first.id, "user", "问题", template="explain.zh@1")
    answer = store.add_turn(
        conversation, question.id, "assistant", "", status="streaming", model="qwen", parameters={"stop": ["。"]}
    )
    store.finish(answer.id, "回答", "interrupted", finish_reason="interrupted", seed=7)
    store.add_turn(conversation, question.id, "assistant", "", status="failed", adapter="mine")
    store.add_turn(conversation, answer.id, "system", "a summary")
    return store.branch(conversation)


@pytest.mark.parametrize("form", ["object", "array", "lines"])
def test_an_own_export_comes_back_as_it_was(store: Store, tmp_path: Path, form: str) -> None:
    """Another history gets all turns with new ids and all else the same, summaries and empty answers too."""
    turns = own_conversation(store)
    text = as_json("标题", turns, indent=None if form == "lines" else 2)
    path = tmp_path / "export"
    path.write_text({"object": text, "array": f"[{text}]", "lines": text + "\n" + text}[form], encoding="utf-8")
    other = Store(tmp_path / "other.db")
    assert import_file(other, path).turns == 5
    copies = other.branch(other.conversation("last"))
    places = {turn.id: copy.id for turn, copy in zip(turns, copies, strict=True)}
    for turn, copy in zip(turns, copies, strict=True):
        assert copy.id != turn.id
        assert copy.parent == (turn.parent and places[turn.parent])
        assert astuple(copy)[3:] == astuple(turn)[3:]
    assert import_file(other, path).turns == 0
    other.close()


def test_an_own_export_adds_nothing_to_where_it_came_from(store: Store, tmp_path: Path) -> None:
    """A turn that is still there is known by its id; one that was deleted is added again below what is there."""
    turns = own_conversation(store)
    path = tmp_path / "export.json"
    path.write_text(as_json("", turns), encoding="utf-8")
    assert astuple(import_file(store, path)) == (0, 0, 5, 0)
    store.delete(turns[2].id)
    assert astuple(import_file(store, path)) == (0, 2, 3, 0)
    assert {turn.conversation for turn in store.list_turns(9)} == {turns[0].conversation}


def test_the_database_of_llm_is_imported_once(store: Store, tmp_path: Path) -> None:
    """Both of its generations are in one file; a system prompt that is sent again is no summary."""
    logs = LlmDatabase(tmp_path / "logs.db")
    logs.log_response("r1", "c", "one", "eins", system="be brief")
    logs.log_response("r2", "c", "two", "zwei", system="be brief")
    logs.log_turn("u", "t", logs.say("m2", logs.say("m1", None, "user", "three"), "assistant", "drei"))
    assert astuple(import_file(store, logs.path)) == (2, 7, 0, 0)
    assert astuple(import_file(store, logs.path)) == (0, 0, 7, 0)
    assert [(turn.role, turn.text) for turn in store.path(store.search("zwei", 1)[0].id)] == [
        ("system", "be brief"),
        ("user", "one"),
        ("assistant", "eins"),
        ("user", "two"),
        ("assistant", "zwei"),
    ]


def test_bad_entries_are_counted_and_what_follows_them_is_kept(store: Store, tmp_path: Path) -> None:
    """What is no node, too long a text and an entry that is no conversation are skipped; the rest is added."""
    data = chatgpt()
    data["mapping"]["tool"] = 5
    data["mapping"]["long"] = {
        "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["x" * (1 << 22), "y"]}},
        "parent": "a1",
    }
    data["mapping"]["after"] = {
        "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["after"]}},
        "parent": "long",
    }
    report = import_file(store, written(tmp_path, [7, data, {"mapping": []}, None]))
    assert (report.turns, report.skipped) == (4, 5)
    assert [turn.text for turn in store.path(store.search("after", 1)[0].id)] == ["the first answer", "after"]


def test_parents_in_a_circle_are_cut_open() -> None:
    """Nodes that follow each other become a tree."""
    mapping = {
        name: {
            "parent": parent,
            "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": [name]}},
        }
        for name, parent in (("a", "c"), ("b", "a"), ("c", "b"), ("d", "d"))
    }
    foreign = parse({"mapping": mapping, "current_node": "a"})
    assert foreign
    turns = tidy(foreign).turns
    assert len(turns) == 4
    assert [turn.text for turn in turns if turn.parent is None] in (["b", "d"], ["a", "d"], ["c", "d"], ["d", "b"])


@pytest.mark.parametrize("seconds", [None, "soon", float("inf"), 1e30, -1e12, True, {}, 10**400])
def test_a_time_that_is_none_is_that_of_the_conversation(store: Store, tmp_path: Path, seconds: object) -> None:
    """A first turn without a time of its own has that of the conversation; the ones after it that of their parent."""
    data = chatgpt()
    for node in data["mapping"].values():
        if node["message"]:
            node["message"]["create_time"] = seconds
    foreign = parse(data)
    assert foreign
    assert {turn.created for turn in tidy(foreign).turns} <= {
        "2023-11-14T22:13:20.000+00:00",
        "1970-01-01T00:00:01.000+00:00",
    }


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"[]",
        b"{}",
        b"[1, 2]",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"PK\x03\x04 no archive",
        b'{"a":\n1',
        b"{" * 9,
        b"SQLite format 3\0" + bytes(200),
        b"1" * 10_000,
    ],
)
def test_a_file_of_another_kind_is_refused(store: Store, tmp_path: Path, content: bytes) -> None:
    """What holds no conversations is said to hold none, and nothing is added."""
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(UnknownHistory):
        import_file(store, path)
    assert store.count_turns() == 0


def test_a_file_that_is_not_there_or_no_file_is_refused(store: Store, tmp_path: Path) -> None:
    """A missing file, a folder and a device that never ends are errors with the reason."""
    for path in (tmp_path / "missing", tmp_path, Path("/dev/zero")):
        with pytest.raises(UnreadableFile):
            import_file(store, path)


def test_what_is_too_large_is_not_read(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size counts as it is without compression, and the limit is named."""
    monkeypatch.setattr(importing, "LARGEST_FILE", 1 << 20)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", " " * (1 << 21))
    for path in (tmp_path / "bomb.zip", written(tmp_path, " " * (1 << 21))):
        with pytest.raises(UnknownHistory, match="larger than 1 MB"):
            import_file(store, path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def damaged(whole: Any) -> st.SearchStrategy[Any]:
    """Return data like ``whole`` with anything in the place of any part of it."""
    if isinstance(whole, Mapping):
        inner = st.fixed_dictionaries({key: damaged(value) for key, value in whole.items()})
    elif isinstance(whole, list) and whole:
        inner = st.tuples(*map(damaged, whole)).map(list)
    else:
        inner = st.just(whole)
    return st.integers(0, 29).flatmap(lambda luck: JSON if luck == 0 else inner)


OWN = {
    "title": "t",
    "turns": [
        {
            "id": name,
            "conversation": "c",
            "parent": parent,
            "role": role,
            "text": "x",
            "created": "2025-01-01T00:00:00.000+00:00",
            "status": "complete",
            "finish_reason": "stop",
            "model": "m",
            "parameters": {"seed": 1, "stop": ["a"]},
            "seed": 1,
            "ttft_ms": 1.5,
        }
        for name, parent, role in (("1", None, "system"), ("2", "1", "user"), ("3", "2", "assistant"))
    ],
}


@settings(max_examples=80, deadline=None)
@given(entries=st.lists(damaged(chatgpt()) | damaged(OWN), max_size=3))
def test_no_damage_is_a_crash(tmp_path_factory: pytest.TempPathFactory, entries: list[Any]) -> None:
    """Whatever stands where in an export: it is imported as far as it can be, and can be shown and searched."""
    folder = tmp_path_factory.mktemp("garbage")
    store = Store(folder / "aigc.db")
    path = written(folder, entries)
    try:
        report = import_file(store, path)
    except InputError:
        assert store.count_turns() == 0
    else:
        turns = store.list_turns(99)
        assert len(turns) == report.turns
        assert all(store.path(turn.id)[-1] == turn for turn in turns)
        assert import_file(store, path).turns == 0
        for conversation in store.list_conversations():
            as_json(conversation.title, store.branch(conversation.id)).encode()
    store.close()


@cache
def llm_bytes() -> bytes:
    """Return a database of ``llm`` with a conversation in either generation of its tables."""
    with TemporaryDirectory() as folder:
        logs = LlmDatabase(Path(folder) / "logs.db")
        logs.log_response("r1", "c", "one", "eins")
        logs.log_turn("u", "t", logs.say("m2", logs.say("m1", None, "user", "three"), "assistant", "drei"))
        return logs.path.read_bytes()


@settings(max_examples=60, deadline=None)
@given(damage=st.lists(st.tuples(st.integers(16, 1 << 20), st.integers(0, 255)), max_size=30))
def test_a_damaged_database_of_llm_is_no_crash(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, int]]
) -> None:
    """With bytes changed anywhere, what can be read is imported or the file is refused."""
    folder = tmp_path_factory.mktemp("llm")
    content = bytearray(llm_bytes())
    for at, byte in damage:
        content[16 + at % (len(content) - 16)] = byte
    (folder / "logs.db").write_bytes(content)
    store = Store(folder / "aigc.db")
    with suppress(InputError):
        import_file(store, folder / "logs.db")
    assert all(store.path(turn.id)[-1] == turn for turn in store.list_turns(9))
    store.close()
