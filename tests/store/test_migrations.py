"""How a database comes to its present form."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from aigc_cli.core.conversation import ForeignConversation, Turn
from aigc_cli.core.errors import DatabaseTooNew
from aigc_cli.store import Store, migrations


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Give a database with one turn, of the present form."""
    path = tmp_path / "aigc.db"
    store = Store(path)
    store.add_turn(store.new_conversation(), None, "user", "kept")
    store.close()
    return path


def _add_notes(db: object) -> None:
    """Stand for a step of a later version."""
    db.execute("CREATE TABLE notes (turn TEXT)")  # type: ignore[attr-defined]


def _fail(db: object) -> None:
    """Stand for a step that does not work."""
    db.execute("CREATE TABLE half_done (turn TEXT)")  # type: ignore[attr-defined]
    raise RuntimeError


def _tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as conn:
        return {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_an_upgrade_keeps_a_backup_of_what_was(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a step changes a database in use, a copy with mode 0600 is put beside it, and it is a working database."""
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, _add_notes))
    store = Store(database)
    assert [turn.text for turn in store.search("kept", 1)] == ["kept"]
    store.close()
    assert "notes" in _tables(database)
    (backup,) = database.parent.glob("aigc.db.before-*")
    assert "notes" not in _tables(backup)
    assert backup.stat().st_mode & 0o777 == 0o600
    monkeypatch.undo()
    shutil.move(backup, database)
    assert store.turn("last").text == "kept"
    store.close()


def test_a_new_database_needs_no_backup(database: Path) -> None:
    """Making a database leaves nothing beside it."""
    assert [file.name for file in database.parent.iterdir()] == ["aigc.db"]


def test_a_step_that_fails_leaves_the_database_as_it_was(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All missing steps are applied or none, so that the earlier version still opens the file."""
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, _add_notes, _fail))
    store = Store(database)
    with pytest.raises(RuntimeError):
        store.list_turns(1)
    monkeypatch.undo()
    assert store.turn("last").text == "kept"
    store.close()
    assert _tables(database).isdisjoint({"notes", "half_done"})


def test_only_the_last_backups_are_kept(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many upgrades there were, three backups remain, the newest."""
    for number in range(5):
        old = database.with_name(f"aigc.db.before-m0{number}")
        old.touch()
        os.utime(old, (number, number))
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, _add_notes))
    store = Store(database)
    store.list_turns(1)
    store.close()
    names = sorted(file.name for file in database.parent.glob("aigc.db.before-*"))
    assert names == ["aigc.db.before-_add_notes", "aigc.db.before-m03", "aigc.db.before-m04"]


def test_a_database_of_a_later_version_is_refused_untouched(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that this version does not know is named, and nothing is written."""
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, _add_notes))
    store = Store(database)
    store.list_turns(1)
    store.close()
    monkeypatch.undo()
    before = database.read_bytes()
    with pytest.raises(DatabaseTooNew) as caught:
        store.add_turn("any", None, "user", "x")
    assert caught.value.params == {"path": database, "migration": "_add_notes"}
    store.close()
    assert database.read_bytes() == before


def test_an_up_to_date_database_is_opened_without_sqlite_utils(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every day's use does without the library that costs more time to import than all of it."""
    monkeypatch.setitem(sys.modules, "sqlite_utils", None)
    store = Store(database)
    assert store.search("kept", 1)
    store.close()


def test_a_database_of_the_first_form_comes_to_know_origins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept before imports were possible stays as it is and can be found, and imports work beside it."""
    path = tmp_path / "aigc.db"
    with monkeypatch.context() as first:
        first.setattr(migrations, "STEPS", migrations.STEPS[:1])
        with closing(sqlite3.connect(path, isolation_level=None)) as conn:
            migrations.upgrade(conn, path)
            conn.execute("INSERT INTO conversations VALUES ('c', '', '2025-01-01T00:00:00.000+00:00')")
            conn.execute(
                "INSERT INTO turns (id, conversation, role, text, created, status, model, adapter, template,"
                " generator, parameters) VALUES ('t', 'c', 'user', '从前', '2025-01-01T00:00:00.000+00:00', 'complete',"
                " '', '', '', '', '{}')"
            )
            conn.execute("INSERT INTO turns_index (rowid, tokens) VALUES (1, '从前 前')")
    store = Store(path)
    assert [turn.id for turn in store.search("从前", 5)] == ["t"]
    foreign = ForeignConversation("x", "", "", [Turn("1", "", None, "user", "new", "2025-01-02T00:00:00.000+00:00")])
    assert store.add_foreign(foreign).turns == 1
    assert store.add_foreign(foreign).present == 1
    assert store.delete("c") == 1
    store.close()
    assert [backup.name for backup in tmp_path.glob("*.before-*")] == ["aigc.db.before-m002_origin"]
