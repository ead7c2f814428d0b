"""What the user said of answers: votes, pairs, signals and duels."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence

from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import NoSuchDuel, NoSuchTurn
from aigc_cli.core.feedback import Duel, Outcome, Pair, PairOrigin, Rating, Side, Signal, SignalKind, Tally, Vote
from aigc_cli.core.ids import new_id
from aigc_cli.store.database import Database
from aigc_cli.store.rows import clean, now, turn_of

_AT_ONCE = 500  # rows; nobody else can write to the connection while they are read

_RATED = """
    SELECT turns.*, ratings.value AS rating, ratings.reasons AS reasons, ratings.note AS note, ratings.created AS rated
    FROM ratings JOIN turns ON turns.id = ratings.turn
    WHERE (ratings.created, ratings.turn) < (:created, :turn) AND ratings.created >= :since
        AND (:generator IS NULL OR ratings.generator = :generator) AND (:value IS NULL OR ratings.value = :value)
    ORDER BY ratings.created DESC, ratings.turn DESC LIMIT :limit
"""
# The index holds all of it in this order.
_TALLY = """
    SELECT generator, template, model, adapter, substr(created, 1, 10) AS day, sum(value = 1), sum(value = -1)
    FROM ratings GROUP BY generator, template, model, adapter, substr(created, 1, 10)
"""
_SIDE = ("model", "adapter", "template", "parameters")
_LAST_OF_ALL = "{"  # follows every time and every id


class Feedback:
    """Votes and comparisons in the same file as the turns, which take them along when they are deleted.

    Turns are named by their whole ids. Each method is one transaction, and may be part of a larger one; see
    `Store.batch`. Every method may raise the `StoreError` that tells what is wrong with the file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # Votes

    def rate(self, turn: Turn, value: Vote, reasons: Sequence[str] = (), note: str = "") -> Rating:
        """Let this be the vote on ``turn``, whatever it was before.

        Raises:
            NoSuchTurn: if the turn has been deleted.
        """
        rating = Rating(turn.id, value, tuple(clean(reason) for reason in reasons), clean(note), now())
        row = {
            "turn": turn.id,
            "value": value,
            "created": rating.created,
            **{name: getattr(turn, name) for name in ("generator", "template", "model", "adapter")},
            "reasons": json.dumps(rating.reasons, ensure_ascii=False),
            "note": rating.note,
        }
        insert = f"INSERT OR REPLACE INTO ratings ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"  # noqa: S608 - the names above
        with self._database.writing() as conn:
            _require(conn, turn.id)
            conn.execute(insert, row)
        return rating

    def unrate(self, turn: str) -> bool:
        """Take back the vote on a turn; returns whether there was one."""
        with self._database.writing() as conn:
            return conn.execute("DELETE FROM ratings WHERE turn = ?", [turn]).rowcount > 0

    def rating(self, turn: str) -> Rating | None:
        """Return the vote on a turn."""
        return self.ratings_of([turn]).get(turn)

    def ratings_of(self, turns: Sequence[str]) -> dict[str, Rating]:
        """Return the votes on these turns, by turn."""
        query = "SELECT turn, value, reasons, note, created FROM ratings WHERE turn IN (SELECT value FROM json_each(?))"
        with self._database.reading() as conn:
            rows = conn.execute(query, [json.dumps(list(turns))])
            return {row["turn"]: Rating(row[0], row[1], tuple(json.loads(row[2])), row[3], row[4]) for row in rows}

    def ratings(
        self, *, generator: str | None = None, since: str = "", value: Vote | None = None
    ) -> Iterator[tuple[Rating, Turn]]:
        """Yield votes with the answers they are about, the newest vote first.

        Args:
            generator: Only on answers of this generator; "" is those of none.
            since: Only votes from this time on, in UTC as ISO 8601 writes it, or the beginning of that.
            value: Only thumbs-up, or only thumbs-down.
        """
        wanted = {"generator": generator, "since": since, "value": value, "limit": _AT_ONCE}
        created = turn = _LAST_OF_ALL
        while True:
            with self._database.reading() as conn:
                rows = conn.execute(_RATED, {**wanted, "created": created, "turn": turn}).fetchall()
            for row in rows:
                reasons = tuple(json.loads(row["reasons"]))
                yield Rating(row["id"], row["rating"], reasons, row["note"], row["rated"]), turn_of(row)
            if len(rows) < _AT_ONCE:
                return
            created, turn = rows[-1]["rated"], rows[-1]["id"]

    # Pairs

    def add_pair(self, chosen: str, rejected: str, origin: PairOrigin) -> Pair:
        """Say that one answer is preferred to another, whatever was said of the two before; again changes nothing.

        Raises:
            NoSuchTurn: if one of them has been deleted.
        """
        pair = Pair(new_id(), chosen, rejected, origin, now())
        with self._database.writing() as conn:
            _require(conn, chosen)
            _require(conn, rejected)
            same = "SELECT * FROM pairs WHERE chosen = ? AND rejected = ? AND origin = ?"
            if row := conn.execute(same, [chosen, rejected, origin]).fetchone():
                return Pair(*row)
            both = [chosen, rejected, rejected, chosen]
            conn.execute("DELETE FROM pairs WHERE (chosen, rejected) IN (VALUES (?, ?), (?, ?))", both)
            values = [pair.id, pair.chosen, pair.rejected, pair.origin, pair.created]
            conn.execute("INSERT INTO pairs VALUES (?, ?, ?, ?, ?)", values)
        return pair

    def remove_pairs(self, origin: PairOrigin, *, chosen: str = "", rejected: str = "") -> None:
        """Forget the pairs of this origin in which a turn is the chosen one, or the rejected one."""
        with self._database.writing() as conn:
            conn.execute("DELETE FROM pairs WHERE origin = ? AND chosen = ?", [origin, chosen])
            conn.execute("DELETE FROM pairs WHERE origin = ? AND rejected = ?", [origin, rejected])

    def pairs(self, *, turn: str | None = None, since: str = "") -> list[Pair]:
        """Return the pairs, the oldest first.

        Args:
            turn: Only those with this turn in them.
            since: Only those from this time on, as in `ratings`.
        """
        query = "SELECT * FROM pairs WHERE created >= ? ORDER BY created, id"
        values = [since]
        if turn is not None:
            query = "SELECT * FROM pairs WHERE created >= ? AND (chosen = ? OR rejected = ?) ORDER BY created, id"
            values += [turn, turn]
        with self._database.reading() as conn:
            return [Pair(*row) for row in conn.execute(query, values)]

    # Signals

    def add_signal(self, turn: str, kind: SignalKind, weight: float) -> Signal:
        """Note that the user did something with an answer; doing it again only changes the time.

        Raises:
            NoSuchTurn: if the turn has been deleted.
        """
        signal = Signal(turn, kind, weight, now())
        with self._database.writing() as conn:
            _require(conn, turn)
            conn.execute("INSERT OR REPLACE INTO signals VALUES (?, ?, ?, ?)", [turn, kind, weight, signal.created])
        return signal

    def signals(self, *, turn: str | None = None) -> list[Signal]:
        """Return the signals, the oldest first; only those of one turn if its id is given."""
        where, values = ("WHERE turn = ?", [turn]) if turn is not None else ("", [])
        query = f"SELECT turn, kind, weight, created FROM signals {where} ORDER BY created, turn"  # noqa: S608 - one of two
        with self._database.reading() as conn:
            return [Signal(*row) for row in conn.execute(query, values)]

    # Duels

    def start_duel(self, first: str, second: str) -> Duel:
        """Keep that two answers are shown to the user, in this order.

        Raises:
            NoSuchTurn: if one of them has been deleted.
        """
        duel = Duel(new_id(), first, second, None, now())
        with self._database.writing() as conn:
            _require(conn, first)
            _require(conn, second)
            conn.execute("INSERT INTO duels VALUES (?, ?, ?, NULL, ?)", [duel.id, first, second, duel.created])
        return duel

    def decide_duel(self, duel: str, outcome: Outcome) -> None:
        """Keep what the user chose, unless a choice was made before.

        Raises:
            NoSuchDuel: if there is no such duel, or it has been decided.
        """
        with self._database.writing() as conn:
            update = "UPDATE duels SET outcome = ? WHERE id = ? AND outcome IS NULL"
            if not conn.execute(update, [outcome, duel]).rowcount:
                raise NoSuchDuel(ref=duel)

    def open_duel(self, ref: str) -> Duel:
        """Return the duel that waits for a choice and has this id, or ``last``, the newest.

        Raises:
            NoSuchDuel: if there is none.
        """
        query = "SELECT * FROM duels WHERE outcome IS NULL AND (? = 'last' OR id = ?) ORDER BY id DESC LIMIT 1"
        with self._database.reading() as conn:
            row = conn.execute(query, [ref, ref]).fetchone()
        if row is None:
            raise NoSuchDuel(ref=ref)
        return Duel(*row)

    def duels(self, *, since: str = "") -> list[Duel]:
        """Return the duels, the oldest first, those that wait for a choice included; ``since`` as in `ratings`."""
        with self._database.reading() as conn:
            return [Duel(*row) for row in conn.execute("SELECT * FROM duels WHERE created >= ? ORDER BY id", [since])]

    def duel_sides(self) -> list[tuple[Outcome, Side, Side]]:
        """Return the duels that were decided, with how the first and the second answer came about."""
        columns = ", ".join(f"{side}.{name}" for side in ("a", "b") for name in _SIDE)
        query = f"""
            SELECT outcome, {columns} FROM duels JOIN turns AS a ON a.id = first JOIN turns AS b ON b.id = second
            WHERE outcome IS NOT NULL
        """  # noqa: S608 - the names above
        with self._database.reading() as conn:
            rows = conn.execute(query).fetchall()
        return [(row[0], _side(row[1:5]), _side(row[5:9])) for row in rows]

    # Counts

    def tallies(self) -> list[Tally]:
        """Count the votes."""
        with self._database.reading() as conn:
            return [Tally(*row) for row in conn.execute(_TALLY)]

    def pair_counts(self) -> dict[str, int]:
        """Count the pairs by origin."""
        return self._counts("SELECT origin, count(*) FROM pairs GROUP BY origin")

    def signal_counts(self) -> dict[str, int]:
        """Count the signals by kind."""
        return self._counts("SELECT kind, count(*) FROM signals GROUP BY kind")

    def duel_counts(self) -> dict[str, int]:
        """Count the duels by outcome; "undecided" are those that wait for a choice."""
        return self._counts("SELECT coalesce(outcome, 'undecided'), count(*) FROM duels GROUP BY outcome")

    def _counts(self, query: str) -> dict[str, int]:
        with self._database.reading() as conn:
            return dict(conn.execute(query).fetchall())


def _side(columns: Sequence[str]) -> Side:
    model, adapter, template, parameters = columns
    return Side(model, adapter, template, json.loads(parameters))


def _require(conn: sqlite3.Connection, turn: str) -> None:
    if not conn.execute("SELECT 1 FROM turns WHERE id = ?", [turn]).fetchone():
        raise NoSuchTurn(ref=turn)
