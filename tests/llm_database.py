"""A database as the program ``llm`` makes it, with the tables of its versions 0.26 and 0.36 that hold what was said."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

_OLD = """
    CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
    CREATE TABLE responses (
        id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, prompt_json TEXT, options_json TEXT, response TEXT,
        response_json TEXT, conversation_id TEXT REFERENCES conversations (id), duration_ms INTEGER, datetime_utc TEXT,
        input_tokens INTEGER, output_tokens INTEGER, token_details TEXT, schema_id TEXT, resolved_model TEXT
    );
    CREATE TABLE fragments (id INTEGER PRIMARY KEY, hash TEXT, content TEXT, datetime_utc TEXT, source TEXT);
    CREATE TABLE prompt_fragments (
        response_id TEXT REFERENCES responses (id), fragment_id INTEGER REFERENCES fragments (id), "order" INTEGER,
        PRIMARY KEY (response_id, fragment_id, "order")
    );
    CREATE TABLE system_fragments (
        response_id TEXT REFERENCES responses (id), fragment_id INTEGER REFERENCES fragments (id), "order" INTEGER,
        PRIMARY KEY (response_id, fragment_id, "order")
    );
"""
_NEW = """
    CREATE TABLE messages (
        hash TEXT PRIMARY KEY, parent_hash TEXT REFERENCES messages (hash), role TEXT, provider_metadata TEXT
    );
    CREATE TABLE parts (
        id INTEGER PRIMARY KEY, message_hash TEXT REFERENCES messages (hash), position INTEGER, type TEXT,
        tool_name TEXT, text TEXT, payload TEXT
    );
    CREATE TABLE threads (
        id TEXT PRIMARY KEY, name TEXT, tip_message_hash TEXT REFERENCES messages (hash), forked_from TEXT,
        datetime_utc TEXT
    );
    CREATE TABLE turns (
        id TEXT PRIMARY KEY, thread_id TEXT REFERENCES threads (id), parent_message_hash TEXT, tip_message_hash TEXT,
        model TEXT, resolved_model TEXT, options_json TEXT, schema_id TEXT, input_tokens INTEGER,
        output_tokens INTEGER, token_details TEXT, duration_ms INTEGER, datetime_utc TEXT, response_json TEXT
    );
"""


class LlmDatabase:
    """The file, and what ``llm`` would log into it.

    Args:
        path: Where to make it.
        threads: Whether it is of version 0.32 or later.
    """

    def __init__(self, path: Path, *, threads: bool = True) -> None:
        self.path = path
        self.execute_script(_OLD + (_NEW if threads else ""))

    def execute_script(self, script: str) -> None:
        """Run SQL statements."""
        with closing(sqlite3.connect(self.path)) as conn:
            conn.executescript(script)

    def insert(self, table: str, **values: object) -> None:
        """Add a row."""
        names, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
        with closing(sqlite3.connect(self.path)) as conn:
            conn.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))
            conn.commit()

    def log_response(self, name: str, conversation: str, prompt: str, response: str, **more: object) -> None:
        """Log a question and an answer as versions before 0.32 do."""
        values = {"model": "gpt-4o", "datetime_utc": "2024-05-06T07:08:09.123456", **more}
        self.insert("responses", id=name, conversation_id=conversation, prompt=prompt, response=response, **values)

    def say(self, name: str, parent: str | None, role: str, text: str | None, payload: object = None) -> str:
        """Add a message of one part; returns its hash, which is its name."""
        self.insert("messages", hash=name, parent_hash=parent, role=role)
        data = json.dumps(payload) if payload else None
        self.insert("parts", message_hash=name, position=0, type="text", text=text, payload=data)
        return name

    def log_turn(self, name: str, thread: str, tip: str, **more: object) -> None:
        """Log a turn of a thread, which is made if it is new, that ends with the message ``tip``."""
        with closing(sqlite3.connect(self.path)) as conn:
            conn.execute("INSERT OR IGNORE INTO threads (id) VALUES (?)", [thread])
            conn.commit()
        values = {"model": "claude", "datetime_utc": "2026-01-02T03:04:05.678901+00:00", **more}
        self.insert("turns", id=name, thread_id=thread, tip_message_hash=tip, **values)
