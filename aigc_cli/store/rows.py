"""Turns as rows of the database."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import fields
from datetime import datetime, timezone

from aigc_cli.core.conversation import Turn
from aigc_cli.store.words import index_tokens

_PAGES = 1000
"""Pages of the index, of some 4,000 bytes, that are written in one transaction."""
_NAMES = tuple(field.name for field in fields(Turn))


def now() -> str:
    """Return the time as it is kept."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def clean(text: str) -> str:
    """Return ``text`` without lone surrogates, which are in no Unicode encoding; pairs become their character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def insert(conn: sqlite3.Connection, turn: Turn, origin: str | None = None) -> Turn:
    """Add a row, and its text to the index unless it is still growing; return the turn as it will be read again."""
    settings = clean(json.dumps(dict(turn.parameters), ensure_ascii=False))
    values = {name: getattr(turn, name) for name in _NAMES}
    row = {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}
    row |= {"parameters": settings, "origin": origin}
    names = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    seq = conn.execute(f"INSERT INTO turns ({names}) VALUES ({marks})", row).lastrowid  # noqa: S608 - field names
    if turn.status != "streaming":
        index(conn, seq, row["text"])
    del row["origin"]
    return Turn(**{**row, "parameters": json.loads(settings)})


def turn_of(row: sqlite3.Row) -> Turn:
    """Return the turn that a row holds."""
    values = {name: row[name] for name in _NAMES}
    parameters = values["parameters"]
    values["parameters"] = {} if parameters == "{}" else json.loads(parameters)
    return Turn(**values)


def index(conn: sqlite3.Connection, seq: int | None, text: str) -> None:
    """Let a text be found."""
    conn.execute("INSERT INTO turns_index (rowid, tokens) VALUES (?, ?)", [seq, index_tokens(text)])


def unindex(conn: sqlite3.Connection, turn: Turn) -> None:
    """Take the text of a turn out of the index, which has to be told what it was."""
    query = """
        INSERT INTO turns_index (turns_index, rowid, tokens)
        SELECT 'delete', seq, ? FROM turns WHERE id = ?
    """
    conn.execute(query, [index_tokens(turn.text), turn.id])


def merge(conn: sqlite3.Connection, *, first: bool) -> bool:
    """Write some pages of the index anew, without what was taken out of it; return whether there are more to write.

    See "The 'merge' command" of https://www.sqlite.org/fts5.html; all steps together are its 'optimize'.
    """
    before = conn.total_changes
    conn.execute("INSERT INTO turns_index (turns_index, rank) VALUES ('merge', ?)", [-_PAGES if first else _PAGES])
    return conn.total_changes - before > 1
