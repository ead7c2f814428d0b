"""What can be wrong with a file, and what is said about it."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from aigc_cli.core.errors import DatabaseCorrupt, DatabaseLocked, DatabaseReadOnly, DiskFull, StoreError
from aigc_cli.store import Store
from aigc_cli.store.database import Database

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a database with one turn."""
    path = tmp_path / "data" / "aigc.db"
    store = Store(path)
    store.add_turn(store.new_conversation(), None, "user", "kept")
    store.close()
    return path


@pytest.fixture
def unprivileged(tmp_path: Path) -> Iterator[None]:
    """Take away the superuser's right to write everywhere, where the tests have it."""
    if os.geteuid() == 0:
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o755)
        os.seteuid(NOBODY)
        yield
        os.seteuid(0)
    else:
        yield


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    """The folder has mode 0700, the database and its journals have 0600, whatever the umask says."""
    umask = os.umask(0)
    try:
        store = Store(tmp_path / "data" / "aigc.db")
        store.new_conversation()
    finally:
        os.umask(umask)
    files = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "data").iterdir()}
    assert files == {"aigc.db": 0o600, "aigc.db-wal": 0o600, "aigc.db-shm": 0o600}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    store.close()


def test_nothing_is_made_before_it_is_needed(tmp_path: Path) -> None:
    """A store that is not used leaves no trace."""
    Store(tmp_path / "data" / "aigc.db").close()
    assert list(tmp_path.iterdir()) == []


def test_a_writer_waits_and_then_says_who_is_in_the_way(path: Path) -> None:
    """A database held by another program is reported as locked, reading goes on, and later all is well."""
    store = Store(path, busy_timeout=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked) as caught:
            store.new_conversation()
        assert caught.value.params["path"] == path
        assert store.turn("last").text == "kept"
        other.execute("ROLLBACK")
    store.new_conversation()
    store.close()


def test_a_database_held_exclusively_is_locked(path: Path) -> None:
    """A program that locks out even readers is reported as such when the file is opened."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseLocked):
            Store(path, busy_timeout=0.05).turn("last")


def test_a_read_only_file_can_be_read_but_not_written(path: Path, unprivileged: None) -> None:
    """The history of a file without write permission is shown; a write says that it cannot be."""
    if os.getuid() == 0:
        os.seteuid(0)
        os.chown(path, NOBODY, NOBODY)
        os.chown(path.parent, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    path.chmod(0o400)
    store = Store(path)
    assert store.turn("last").text == "kept"
    with pytest.raises(DatabaseReadOnly):
        store.new_conversation()
    store.close()


def test_a_folder_that_cannot_be_written_is_read_only(tmp_path: Path, unprivileged: None) -> None:
    """Where no database can be made, that is said."""
    if os.getuid() != 0:
        tmp_path.chmod(0o500)
    for path in (tmp_path / "aigc.db", tmp_path / "data" / "aigc.db"):
        with pytest.raises(DatabaseReadOnly):
            Store(path).new_conversation()


@pytest.mark.parametrize("damage", ["header", "pages", "foreign"])
def test_a_damaged_file_is_reported_and_left_alone(path: Path, damage: str) -> None:
    """A file that is no database, or one with overwritten pages, is called damaged and stays as it is."""
    data = path.read_bytes()
    garbage = bytes(range(256)) * (len(data) // 256)
    path.write_bytes(
        {"header": garbage[:100] + data[100:], "pages": data[:100] + garbage[100:], "foreign": b"hi" * 50}[damage]
    )
    before = path.read_bytes()
    with pytest.raises(DatabaseCorrupt) as caught:
        Store(path).search("kept", 1)
    assert caught.value.params["detail"]
    assert path.read_bytes() == before


def test_a_full_disk_loses_nothing_that_was_there(path: Path) -> None:
    """SQLite that can take no more pages is reported as a full disk; the write is undone, the rest is sound."""
    store = Store(path)
    conversation = store.conversation("last")
    database: Database = store._database
    with database.reading() as conn:
        conn.execute(f"PRAGMA max_page_count = {conn.execute('PRAGMA page_count').fetchone()[0] + 5}")
    with pytest.raises(DiskFull) as caught:
        store.add_turn(conversation, None, "user", "x" * 100_000)
    assert caught.value.params["path"] == path
    assert [turn.text for turn in store.list_turns(9)] == ["kept"]
    assert store.add_turn(conversation, None, "user", "small")
    store.close()


def test_a_path_that_is_a_folder_is_an_error_of_ours(tmp_path: Path) -> None:
    """Whatever stands where the database should be, there is a sentence for it."""
    with pytest.raises(StoreError):
        Store(tmp_path).list_turns(1)
    (tmp_path / "file").touch()
    with pytest.raises(StoreError):
        Store(tmp_path / "file" / "aigc.db").list_turns(1)


def test_a_mistake_in_our_own_sql_is_a_bug(path: Path) -> None:
    """Errors that no user can cause are not dressed up as trouble with the file."""
    with pytest.raises(sqlite3.OperationalError), Database(path, 1.0).reading() as conn:
        conn.execute("SELECT nonsense FROM nowhere")


def test_threads_may_share_a_store(path: Path) -> None:
    """A thread that writes an answer and another that reads do not trip over each other."""
    store = Store(path)
    conversation = store.new_conversation()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for number in range(50):
                answer = store.add_turn(conversation, None, "assistant", "", status="streaming")
                store.grow(answer.id, str(number))
                store.finish(answer.id, f"学习 {number}", "complete")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        store.search("学习", 5)
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.search("学习", 1000)) == 150
    store.close()
