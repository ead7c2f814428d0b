"""The steps by which a database comes to its present form.

A released step is never changed; what comes later is a new function at the end of `STEPS`.

sqlite-utils applies them. It is imported only when there is something to apply, because importing it takes longer than
listing or searching a large history does: it loads numpy wherever that is installed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from aigc_cli.core.errors import DatabaseTooNew
from aigc_cli.store.files import create_private

if TYPE_CHECKING:
    import sqlite_utils

_SET = "aigc"
_BACKUPS_KEPT = 3


def m001_turns(db: sqlite_utils.Database) -> None:
    """Conversations as trees of turns, and the index by which `aigc_cli.store.words` finds them.

    ``seq`` is the order in which turns were added, whatever the clock said, and never used twice.
    The index holds tokens only, without their positions: a third of the size, and results are checked anyway.
    """
    db.execute("CREATE TABLE conversations (id TEXT PRIMARY KEY, title TEXT NOT NULL, created TEXT NOT NULL)")
    db.execute(
        """
        CREATE TABLE turns (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            conversation TEXT NOT NULL REFERENCES conversations (id),
            parent TEXT REFERENCES turns (id),
            role TEXT NOT NULL,
            text TEXT NOT NULL,
            created TEXT NOT NULL,
            status TEXT NOT NULL,
            finish_reason TEXT,
            model TEXT NOT NULL,
            adapter TEXT NOT NULL,
            template TEXT NOT NULL,
            generator TEXT NOT NULL,
            parameters TEXT NOT NULL,
            seed INTEGER,
            prompt_tokens INTEGER,
            reused_tokens INTEGER,
            completion_tokens INTEGER,
            ttft_ms REAL,
            tokens_per_second REAL
        )
        """
    )
    db.execute("CREATE INDEX turns_by_conversation ON turns (conversation, seq)")
    db.execute("CREATE INDEX turns_by_parent ON turns (parent)")
    db.execute("CREATE INDEX turns_streaming ON turns (seq) WHERE status = 'streaming'")
    # To the tokenizer `ascii` every character above 127 is part of a token; `tokenchars` adds the visible ones below.
    db.execute(
        """
        CREATE VIRTUAL TABLE turns_index USING fts5 (
            tokens, content='', detail=none, columnsize=0,
            tokenize="ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\\]^_`{|}~'"
        )
        """
    )


def m002_origin(db: sqlite_utils.Database) -> None:
    """Where imported turns come from, so that none is imported twice; it goes with the turn."""
    db.execute("ALTER TABLE turns ADD COLUMN origin TEXT")
    db.execute("CREATE UNIQUE INDEX turns_by_origin ON turns (origin) WHERE origin IS NOT NULL")


_FEEDBACK = (
    """
    CREATE TABLE ratings (
        turn TEXT PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
        value INTEGER NOT NULL CHECK (value IN (1, -1)),
        created TEXT NOT NULL,
        generator TEXT NOT NULL,
        template TEXT NOT NULL,
        model TEXT NOT NULL,
        adapter TEXT NOT NULL,
        reasons TEXT NOT NULL,
        note TEXT NOT NULL
    )
    """,
    "CREATE INDEX ratings_by_time ON ratings (created, turn)",
    """
    CREATE INDEX ratings_by_kind ON ratings
        (generator, template, model, adapter, substr(created, 1, 10), value, created, turn)
    """,
    """
    CREATE TABLE pairs (
        id TEXT PRIMARY KEY,
        chosen TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
        rejected TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
        origin TEXT NOT NULL,
        created TEXT NOT NULL,
        UNIQUE (chosen, rejected)
    )
    """,
    "CREATE INDEX pairs_by_rejected ON pairs (rejected)",
    """
    CREATE TABLE signals (
        turn TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        weight REAL NOT NULL,
        created TEXT NOT NULL,
        PRIMARY KEY (turn, kind)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE duels (
        id TEXT PRIMARY KEY,
        first TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
        second TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
        outcome TEXT CHECK (outcome IN ('first', 'second', 'tie', 'both-bad')),
        created TEXT NOT NULL
    )
    """,
    "CREATE INDEX duels_by_first ON duels (first)",
    "CREATE INDEX duels_by_second ON duels (second)",
)


def m003_feedback(db: sqlite_utils.Database) -> None:
    """Votes, pairs, signals and duels; they go with the turns they are about.

    A rating repeats what never changes of its turn, so that counting votes and finding those of a generator need not
    read the answers.
    """
    for statement in _FEEDBACK:
        db.execute(statement)


_LESSONS = (
    """
    CREATE TABLE lessons (
        turn TEXT PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
        examples TEXT NOT NULL,
        advice TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE vectors (
        turn TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
        model TEXT NOT NULL,
        use TEXT NOT NULL,
        vector BLOB NOT NULL,
        PRIMARY KEY (turn, model, use)
    )
    """,
    "CREATE TABLE centres (model TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID",
    "CREATE INDEX ratings_lately ON ratings (generator, template, value, created)",
    "CREATE INDEX pairs_corrected ON pairs (created) WHERE origin = 'correction'",
)


def m004_lessons(db: sqlite_utils.Database) -> None:
    """What shaped each answer, and what answers are about as models see it."""
    for statement in _LESSONS:
        db.execute(statement)


def m005_reasons(db: sqlite_utils.Database) -> None:
    """Dislikes that have a reason are found at once, and vectors of questions are kept without what all share."""
    db.execute("DELETE FROM vectors WHERE use = 'question'")
    db.execute(
        "CREATE INDEX ratings_reasoned ON ratings (generator, template, created) WHERE value = -1 AND reasons <> '[]'"
    )


def m006_adapters(db: sqlite_utils.Database) -> None:
    """Trained adapters, and which of them answers with which model; a use that was undone stays on record."""
    db.execute(
        """
        CREATE TABLE adapters (
            name TEXT PRIMARY KEY,
            created TEXT NOT NULL,
            model TEXT NOT NULL,
            model_sha256 TEXT NOT NULL,
            method TEXT NOT NULL,
            generator TEXT NOT NULL,
            state TEXT NOT NULL,
            card TEXT NOT NULL,
            gate TEXT NOT NULL,
            proof TEXT NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE adapter_uses (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            created TEXT NOT NULL,
            model_sha256 TEXT NOT NULL,
            adapter TEXT,
            scale REAL NOT NULL,
            undone TEXT
        )
        """
    )


def m007_artifacts(db: sqlite_utils.Database) -> None:
    """Which draft became what a generator made: of many, it is the one that is meant by the last answer."""
    db.execute("CREATE TABLE artifacts (turn TEXT PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE)")


STEPS: tuple[Callable[[sqlite_utils.Database], None], ...] = (
    m001_turns,
    m002_origin,
    m003_feedback,
    m004_lessons,
    m005_reasons,
    m006_adapters,
    m007_artifacts,
)


def upgrade(conn: sqlite3.Connection, path: Path) -> None:
    """Apply the steps that are missing, all or none, after a backup if the database was in use before.

    Any number of processes may do this at once: one does it, the others wait and find it done.

    Raises:
        DatabaseTooNew: if a step was applied that this version does not know.
    """
    if not _missing(conn, path):
        return
    conn.execute("BEGIN IMMEDIATE")
    try:
        missing = _missing(conn, path)
        if len(missing) < len(STEPS) and missing:
            _back_up(path, before=missing[0])
        if missing:
            _apply(conn)
        conn.execute("COMMIT")
    except BaseException:
        conn.rollback()
        raise


def _missing(conn: sqlite3.Connection, path: Path) -> list[str]:
    table = "SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'"
    applied = []
    if conn.execute(table).fetchone():
        query = "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id"
        applied = [name for (name,) in conn.execute(query, [_SET])]
    known = [step.__name__ for step in STEPS]
    unknown = [name for name in applied if name not in known]
    if unknown:
        raise DatabaseTooNew(path=path, migration=unknown[0])
    return [name for name in known if name not in applied]


def _apply(conn: sqlite3.Connection) -> None:
    import sqlite_utils

    migrations = sqlite_utils.Migrations(_SET)
    for step in STEPS:
        migrations()(step)
    migrations.apply(sqlite_utils.Database(conn, execute_plugins=False))


def _back_up(path: Path, *, before: str) -> None:
    """Copy the database as it was last committed, through a second connection, for the first is in a transaction."""
    backup = path.with_name(f"{path.name}.before-{before}")
    backup.unlink(missing_ok=True)
    create_private(backup)
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("VACUUM INTO ?", [str(backup)])
    backups = sorted(path.parent.glob(f"{path.name}.before-*"), key=lambda file: file.stat().st_mtime_ns)
    for old in backups[:-_BACKUPS_KEPT]:
        old.unlink()
