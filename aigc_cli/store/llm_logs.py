"""Reading the database in which the program ``llm`` (https://llm.datasette.io) keeps its logs.

Up to version 0.31 it has a row in ``responses`` for each question and answer. From 0.32 on, ``turns`` of ``threads``
end in ``messages``, which know their parent and consist of ``parts``; what is in the old tables stays there.
Only what was said is read: no tool calls, reasoning or pictures.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from aigc_cli.core.conversation import ForeignConversation, Turn
from aigc_cli.core.errors import UnknownHistory
from aigc_cli.core.message import Role
from aigc_cli.core.text import N_, Notice

SOURCE = "llm"
MAGIC = b"SQLite format 3\0"
"""How every SQLite file begins."""

_RESPONSES = "id", "conversation_id", "model", "prompt", "system", "response", "options_json", "datetime_utc"
_COUNTS = "input_tokens", "output_tokens"
_NAMED = "conversations", "threads"
_TURNS = "id", "thread_id", "parent_message_hash", "tip_message_hash", "model", "options_json", "datetime_utc"
_ROLES: dict[object, Role] = {"system": "system", "user": "user", "assistant": "assistant"}

Row = Mapping[str, Any]


def read_llm_logs(path: Path) -> Iterator[ForeignConversation]:
    """Yield the conversations, each as soon as it is read.

    Raises:
        UnknownHistory: if it is not a database of ``llm``, damaged, or in use.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as conn:
            conn.row_factory = sqlite3.Row
            conn.text_factory = lambda data: data.decode("utf-8", "replace")
            conn.execute("PRAGMA trusted_schema = OFF")
            logs = _Logs(conn)
            if not {"responses", "turns"} & logs.tables:
                raise UnknownHistory(path=path, detail=Notice(N_("it is a database, but not one of `llm`")))
            yield from logs.conversations()
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter from names in a damaged schema
        raise UnknownHistory(path=path, detail=str(error)) from error


class _Logs:
    """The tables of one file; a view or a virtual table, which could do anything, is not taken for one of them."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
        self.tables = {name for (name,) in conn.execute(query)}
        self._columns: dict[str, list[str]] = {}

    def conversations(self) -> Iterator[ForeignConversation]:
        """Yield those with rows in ``responses``, whose ids ascend with time, then the threads that have none there."""
        titles = {row["id"]: row["name"] for table in _NAMED for row in self._rows(table, ("id", "name"))}
        done = set()
        rows = self._rows("responses", _RESPONSES + _COUNTS, order="conversation_id, id")
        for name, responses in groupby(rows, key=lambda row: row["conversation_id"] or row["id"]):
            turns = list(self._old_turns(responses))
            done.add(name)
            yield _foreign(titles.get(name), turns + self._thread(name, turns))
        for row in self._rows("threads", ("id",)):
            if row["id"] not in done:
                yield _foreign(titles.get(row["id"]), self._thread(row["id"], []))

    def _old_turns(self, responses: Iterable[Row]) -> Iterator[Turn]:
        last: str | None = None
        for row in responses:
            said = (
                ("system", self._with_fragments(row["system"], "system_fragments", row["id"])),
                ("user", self._with_fragments(row["prompt"], "prompt_fragments", row["id"])),
                ("assistant", _string(row["response"])),
            )
            for role, text in said:
                name = f"{row['id']}/{role}"
                yield _turn(name, last, _ROLES[role], text, row)
                last = name

    def _thread(self, thread: object, before: Sequence[Turn]) -> list[Turn]:
        """Return the messages of a thread, parents first, without those that are in ``before``.

        A conversation that an old version began goes on in a thread with its id, which has everything again.
        """
        messages: dict[str, Turn] = {}
        for row in self._rows("turns", _TURNS + _COUNTS, order="id", thread_id=thread):
            self._walk(str(thread), row, messages)
        known = _matches(list(messages.values()), [turn for turn in before if turn.text])
        return [
            replace(turn, parent=known.get(turn.parent, turn.parent) if turn.parent else None)
            for turn in messages.values()
            if turn.id not in known
        ]

    def _walk(self, thread: str, row: Row, messages: dict[str, Turn]) -> None:
        """Add the messages that lead to the end of a turn of ``llm``; several turns may share a beginning."""
        name = row["tip_message_hash"]
        path: dict[str, Turn] = {}
        while isinstance(name, str) and name not in messages and name not in path:
            message = next(self._rows("messages", ("role", "parent_hash"), hash=name), {})
            parent, role = message.get("parent_hash"), _ROLES.get(message.get("role"))
            above = f"{thread}/{parent}" if parent else None
            text = self._text(name) if role else ""
            path[name] = _turn(f"{thread}/{name}", above, role or "assistant", text, row)
            row = {**row, **dict.fromkeys(_COUNTS)}  # they belong to the answer at the end
            name = parent
        messages.update(reversed(path.items()))

    def _text(self, message: str) -> str:
        parts = self._rows("parts", ("text", "payload"), order="position", message_hash=message, type="text")
        return "\n\n".join(_string(part["text"]) or self._referred(_data(part["payload"])) for part in parts)

    def _referred(self, payload: Mapping[str, object]) -> str:
        """Return the text of a part that is put together from literals and fragments."""
        pieces = payload.get("text_ref")
        texts = []
        for piece in pieces if isinstance(pieces, list) else []:
            if isinstance(piece, dict) and "literal" in piece:
                texts.append(_string(piece["literal"]))
            elif isinstance(piece, dict):
                texts.append(self._fragment(piece.get("fragment")))
        return "".join(texts)

    def _fragment(self, number: object) -> str:
        if not isinstance(number, int) or abs(number) >= 1 << 63:
            return ""
        return "".join(_string(row["content"]) for row in self._rows("fragments", ("content",), id=number))

    def _with_fragments(self, text: object, table: str, response: object) -> str:
        rows = self._rows(table, ("fragment_id",), order='"order"', response_id=response)
        return "\n".join(filter(None, [*(self._fragment(row["fragment_id"]) for row in rows), _string(text)]))

    def _rows(self, table: str, columns: tuple[str, ...], *, order: str = "1", **where: object) -> Iterator[Row]:
        """Give rows with these columns; what an older version of ``llm`` has no table or column for is None."""
        if table not in self.tables:
            return iter(())
        if table not in self._columns:
            self._columns[table] = [row["name"] for row in self._conn.execute(f"PRAGMA table_info({table})")]
        have = self._columns[table]
        chosen = ", ".join(column if column in have else f"NULL AS {column}" for column in columns)
        conditions = " AND ".join(["1", *(f"{column} = ?" for column in where)])
        query = f"SELECT {chosen} FROM {table} WHERE {conditions} ORDER BY {order}"  # noqa: S608 - names from above
        return map(dict, self._conn.execute(query, list(where.values())))


def _matches(messages: Sequence[Turn], before: Sequence[Turn]) -> dict[str, str]:
    """Return the id in ``before``, a conversation in one line, of each message that says the same at the same place."""
    known: dict[str, str] = {}
    places: dict[str | None, int] = {None: 0}
    for turn in messages:
        at = places.get(turn.parent)
        if at is None:
            continue
        while at < len(before) and before[at].role == "system" != turn.role:  # it is not always sent again
            at += 1
        if not turn.text:
            places[turn.id] = at
        elif at < len(before) and (before[at].role, before[at].text) == (turn.role, turn.text):
            known[turn.id] = before[at].id
            places[turn.id] = at + 1
    return known


def _foreign(title: object, turns: list[Turn]) -> ForeignConversation:
    return ForeignConversation(SOURCE, _string(title), turns[0].created if turns else "", turns)


def _turn(name: str, parent: str | None, role: Role, text: str, row: Row) -> Turn:
    """Return a turn with what a row of ``responses`` or ``turns`` knows of it."""
    answer: dict[str, Any] = {
        "model": _string(row["model"]),
        "parameters": _data(row["options_json"]),
        "prompt_tokens": _count(row["input_tokens"]),
        "completion_tokens": _count(row["output_tokens"]),
    }
    created = _string(row["datetime_utc"])
    return Turn(name, "", parent, role, text, created, **(answer if role == "assistant" else {}))


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def _data(value: object) -> dict[str, object]:
    try:
        data = json.loads(_string(value) or "{}")
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
