"""The user's adapters, and which of them answers with which model."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, fields

from aigc_cli.core.errors import AdapterExists, NoSuchAdapter
from aigc_cli.core.tuning import Adapter, InUse
from aigc_cli.store.database import Database
from aigc_cli.store.rows import now

_AS_JSON = ("card", "gate", "proof")
_CURRENT = """
    SELECT adapter, scale FROM adapter_uses WHERE model_sha256 = ? AND undone IS NULL ORDER BY seq DESC LIMIT 1
"""
_UNDO = """
    UPDATE adapter_uses SET undone = ? WHERE seq = (
        SELECT seq FROM adapter_uses WHERE model_sha256 = ? AND undone IS NULL ORDER BY seq DESC LIMIT 1
    )
"""


class Adapters:
    """Adapters by name in the same file as the turns; their weights are files of their own.

    Every method may raise the `StoreError` that tells what is wrong with the file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, adapter: Adapter) -> None:
        """Add an adapter; raises `AdapterExists` if its name is taken."""
        row = _row(adapter)
        insert = f"INSERT INTO adapters ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"  # noqa: S608 - field names
        with self._database.writing() as conn:
            try:
                conn.execute(insert, row)
            except sqlite3.IntegrityError:
                raise AdapterExists(name=adapter.name) from None

    def save(self, adapter: Adapter) -> None:
        """Let what is known of an adapter be this; raises `NoSuchAdapter`."""
        row = _row(adapter)
        update = f"UPDATE adapters SET {', '.join(f'{name} = :{name}' for name in row)} WHERE name = :name"  # noqa: S608 - field names
        with self._database.writing() as conn:
            if not conn.execute(update, row).rowcount:
                raise NoSuchAdapter(name=adapter.name)

    def get(self, name: str) -> Adapter:
        """Return the adapter of this name; raises `NoSuchAdapter`."""
        with self._database.reading() as conn:
            row = conn.execute("SELECT * FROM adapters WHERE name = ?", [name]).fetchone()
        if row is None:
            raise NoSuchAdapter(name=name)
        return _adapter(row)

    def all(self) -> list[Adapter]:
        """Return all adapters, the oldest first."""
        with self._database.reading() as conn:
            return [_adapter(row) for row in conn.execute("SELECT * FROM adapters ORDER BY created, name")]

    def delete(self, name: str) -> None:
        """Forget an adapter; where it answered, what was in use before does. Raises `NoSuchAdapter`."""
        with self._database.writing() as conn:
            if not conn.execute("DELETE FROM adapters WHERE name = ?", [name]).rowcount:
                raise NoSuchAdapter(name=name)
            conn.execute("UPDATE adapter_uses SET undone = ? WHERE adapter = ? AND undone IS NULL", [now(), name])

    def use(self, model_sha256: str, name: str | None, scale: float = 1.0) -> None:
        """Let an adapter answer with a model from now on; None is the model alone."""
        insert = "INSERT INTO adapter_uses (created, model_sha256, adapter, scale) VALUES (?, ?, ?, ?)"
        with self._database.writing() as conn:
            conn.execute(insert, [now(), model_sha256, name, scale])

    def in_use(self, model_sha256: str) -> InUse | None:
        """Return the adapter that answers with a model; None is the model alone."""
        with self._database.reading() as conn:
            row = conn.execute(_CURRENT, [model_sha256]).fetchone()
        return InUse(row["adapter"], row["scale"]) if row and row["adapter"] else None

    def roll_back(self, model_sha256: str) -> bool:
        """Undo the last `use` of a model, which stays on record; False if there is none left."""
        with self._database.writing() as conn:
            return conn.execute(_UNDO, [now(), model_sha256]).rowcount > 0


def _row(adapter: Adapter) -> dict[str, object]:
    row = asdict(adapter)
    return row | {name: json.dumps(row[name], ensure_ascii=False) for name in _AS_JSON}


def _adapter(row: sqlite3.Row) -> Adapter:
    values = {field.name: row[field.name] for field in fields(Adapter)}
    return Adapter(**(values | {name: json.loads(row[name]) for name in _AS_JSON}))
