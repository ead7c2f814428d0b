"""One SQLite file: opened so that several processes can write to it, its errors told in our own words."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aigc_cli.core.errors import DatabaseCorrupt, DatabaseLocked, DatabaseReadOnly, DiskFull, StoreError
from aigc_cli.store.files import create_private
from aigc_cli.store.migrations import upgrade

_RETRY_SECONDS = 0.02
_LITTLE_SPACE = 1 << 20  # bytes

# SQLite's messages (https://www.sqlite.org/rescode.html): Python tells the codes only from 3.11 on.
_ERRORS: tuple[tuple[str, type[StoreError]], ...] = (
    ("is locked", DatabaseLocked),
    ("locking protocol", DatabaseLocked),
    ("readonly database", DatabaseReadOnly),
    ("unable to open database file", DatabaseReadOnly),  # exists, so its folder takes no journal beside it
    ("file is not a database", DatabaseCorrupt),
    ("malformed", DatabaseCorrupt),
    ("disk is full", DiskFull),
    ("disk I/O error", StoreError),
)


class Database:
    """A connection that is made when first needed and that threads may share.

    Args:
        path: The file; it and its folder are made, for the user's eyes only, if they are not there.
        busy_timeout: Seconds to wait for another process before giving up.
    """

    def __init__(self, path: Path, busy_timeout: float) -> None:
        self._path = path
        self._busy_timeout = busy_timeout
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to one thread.

        Raises:
            StoreError: one of its kinds, for whatever SQLite cannot do with this file.
        """
        with self._lock, _errors_of(self._path):
            yield self._connected()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to one thread in a transaction: everything in the block is written, or nothing.

        Blocks may be nested; the outermost is the transaction. The lock is taken at once, because one that is asked for
        after reading cannot be waited for.
        """
        with self.reading() as conn:
            if conn.in_transaction:
                yield conn
                return
            conn.execute("BEGIN IMMEDIATE")
            try:
                yield conn
                conn.execute("COMMIT")
            except BaseException:
                conn.rollback()  # does nothing where the error has ended the transaction itself
                raise

    def checkpoint(self) -> None:
        """Empty the write-ahead log, where what was overwritten in the file may still be, unless others use it."""
        with self.reading() as conn:
            if not conn.in_transaction:
                conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the connection; the next use makes another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            if not self._path.exists():
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                create_private(self._path)
            conn = sqlite3.connect(
                self._path, timeout=self._busy_timeout, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(conn)
            except BaseException:
                conn.close()
                raise
            self._connection = conn
        return self._connection

    def _prepare(self, conn: sqlite3.Connection) -> None:
        conn.row_factory = sqlite3.Row
        conn.execute("PRAGMA foreign_keys = ON")
        conn.execute("PRAGMA secure_delete = ON")
        self._use_wal(conn)
        upgrade(conn, self._path)

    def _use_wal(self, conn: sqlite3.Connection) -> None:
        """Switch to write-ahead logging, which lasts; SQLite itself does not wait where two processes do so at once."""
        give_up = time.monotonic() + self._busy_timeout
        while True:
            try:
                conn.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "is locked" not in str(error) or time.monotonic() > give_up:
                    raise
            time.sleep(_RETRY_SECONDS)


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        for message, kind in _ERRORS:
            if message in str(error):
                known = DiskFull if kind is StoreError and _is_full(path) else kind
                raise known(path=path, detail=str(error)) from error
        raise
    except PermissionError as error:
        raise DatabaseReadOnly(path=path) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(path=path) from error
        if error.errno == errno.EROFS:
            raise DatabaseReadOnly(path=path) from error
        raise StoreError(path=path, detail=error.strerror) from error


def _is_full(path: Path) -> bool:
    """Tell whether lack of space is why SQLite could not lay out its shared memory, which it calls an I/O error."""
    disk = os.statvfs(path.parent)
    return disk.f_bavail * disk.f_frsize < _LITTLE_SPACE
