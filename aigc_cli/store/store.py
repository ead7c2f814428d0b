"""The history: conversations as trees of turns."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from aigc_cli.core.conversation import Conversation, ForeignConversation, Status, Turn
from aigc_cli.core.errors import AmbiguousRef, NoSuchTurn, NotAnAnswer
from aigc_cli.core.events import FinishReason, Timing, Usage
from aigc_cli.core.ids import new_id
from aigc_cli.core.message import Role
from aigc_cli.store.adapters import Adapters
from aigc_cli.store.database import Database
from aigc_cli.store.feedback import Feedback
from aigc_cli.store.imports import Added, add_foreign
from aigc_cli.store.lessons import Lessons
from aigc_cli.store.listing import conversations
from aigc_cli.store.rows import clean, index, insert, merge, now, turn_of, unindex
from aigc_cli.store.words import Query

_AFTER_ID_CHARACTERS = "{"  # follows "z"

_PATH = """
    WITH RECURSIVE path (id, parent) AS (
        SELECT id, parent FROM turns WHERE id = ?
        UNION ALL
        SELECT turns.id, turns.parent FROM path JOIN turns ON turns.id = path.parent
    )
    SELECT turns.* FROM path JOIN turns USING (id) ORDER BY seq
"""
_BRANCH = """
    WITH RECURSIVE branch (id) AS (
        SELECT ? UNION ALL SELECT turns.id FROM turns JOIN branch ON turns.parent = branch.id
    )
    SELECT turns.* FROM branch JOIN turns USING (id) ORDER BY seq
"""
_NEWEST_ANSWER = "SELECT * FROM turns WHERE role = 'assistant' ORDER BY seq DESC LIMIT 1"
_MADE = """
    SELECT turns.* FROM artifacts JOIN turns ON turns.id = artifacts.turn
    WHERE turns.conversation = ? ORDER BY artifacts.rowid DESC LIMIT 1
"""
_PROPOSED = """
    SELECT turns.* FROM turns_index JOIN turns ON turns.seq = turns_index.rowid
    WHERE turns_index MATCH ? ORDER BY turns_index.rowid DESC
"""
# Answers that are still growing, or whose program was killed, are not in the index.
_GROWING = "SELECT * FROM turns WHERE status = 'streaming' ORDER BY seq DESC"


class Store:
    """The conversations in one SQLite file, which is opened, and made or upgraded, when first needed.

    Threads may share a store, processes may share a file. A REF is an id of a turn or conversation, the beginning of
    one that no other shares, or ``last``. Every method may raise the `StoreError` that tells what is wrong with the
    file; only the others are named below.

    Args:
        path: The file, made with mode 0600 in a folder of mode 0700 if it is not there.
        busy_timeout: Seconds to wait while another process writes.

    Attributes:
        feedback: What the user said of the turns.
        lessons: What learning from that reads and keeps.
        adapters: What was trained on that.
    """

    def __init__(self, path: Path, busy_timeout: float = 10.0) -> None:
        self._database = Database(path, busy_timeout)
        self.feedback = Feedback(self._database)
        self.lessons = Lessons(self._database)
        self.adapters = Adapters(self._database)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._database.close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Write everything in the block, or nothing, and faster than one by one."""
        with self._database.writing():
            yield

    def new_conversation(self, title: str = "") -> str:
        """Add an empty conversation and return its id."""
        conversation = new_id()
        with self._database.writing() as conn:
            conn.execute("INSERT INTO conversations VALUES (?, ?, ?)", [conversation, clean(title), now()])
        return conversation

    def add_turn(
        self,
        conversation: str,
        parent: str | None,
        role: Role,
        text: str,
        *,
        status: Status = "complete",
        model: str = "",
        adapter: str = "",
        template: str = "",
        generator: str = "",
        parameters: Mapping[str, object] | None = None,
    ) -> Turn:
        """Add a turn under ``parent``, or a first one; see `Turn` for the rest.

        Raises:
            NoSuchTurn: if the conversation or the parent is not there, or no longer.
        """
        turn = Turn(
            id=new_id(),
            conversation=conversation,
            parent=parent,
            role=role,
            text=text,
            created=now(),
            status=status,
            model=model,
            adapter=adapter,
            template=template,
            generator=generator,
            parameters=parameters or {},
        )
        with self._database.writing() as conn:
            if not conn.execute("SELECT 1 FROM conversations WHERE id = ?", [conversation]).fetchone():
                raise NoSuchTurn(ref=conversation)
            inside = "SELECT 1 FROM turns WHERE id = ? AND conversation = ?"
            if parent is not None and not conn.execute(inside, [parent, conversation]).fetchone():
                raise NoSuchTurn(ref=parent)
            return insert(conn, turn)

    def add_foreign(self, foreign: ForeignConversation) -> Added:
        """Add the turns of a conversation from outside that were not added before, with new ids and their own times."""
        with self._database.writing() as conn:
            return add_foreign(conn, foreign)

    def grow(self, turn: str, text: str) -> None:
        """Keep what there is so far of an answer with status "streaming"; nothing happens if it has been deleted."""
        with self._database.writing() as conn:
            conn.execute("UPDATE turns SET text = ? WHERE id = ? AND status = 'streaming'", [clean(text), turn])

    def finish(
        self,
        turn: str,
        text: str,
        status: Status,
        *,
        finish_reason: FinishReason | None = None,
        usage: Usage | None = None,
        timing: Timing | None = None,
        seed: int | None = None,
    ) -> None:
        """Keep the whole of an answer that was "streaming"; nothing happens if it has been deleted."""
        values = {
            "text": clean(text),
            "status": status,
            "finish_reason": finish_reason,
            "seed": seed,
            "prompt_tokens": usage and usage.prompt_tokens,
            "reused_tokens": usage and usage.reused_tokens,
            "completion_tokens": usage and usage.completion_tokens,
            "ttft_ms": timing and timing.ttft_ms,
            "tokens_per_second": timing and timing.tokens_per_second,
        }
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        with self._database.writing() as conn:
            row = conn.execute("SELECT seq FROM turns WHERE id = ? AND status = 'streaming'", [turn]).fetchone()
            if row is not None:
                update = f"UPDATE turns SET {assignments} WHERE seq = :seq"  # noqa: S608 - the names above
                conn.execute(update, {**values, "seq": row["seq"]})
                index(conn, row["seq"], str(values["text"]))

    def turn(self, ref: str) -> Turn:
        """Return the turn that ``ref`` names; ``last`` is the newest.

        Raises:
            NoSuchTurn: if there is none.
            AmbiguousRef: if there are several.
        """
        with self._database.reading() as conn:
            if ref == "last":
                row = conn.execute("SELECT * FROM turns ORDER BY seq DESC LIMIT 1").fetchone()
                if row is None:
                    raise NoSuchTurn(ref=ref)
            else:
                row = conn.execute(
                    "SELECT * FROM turns WHERE id = ?", [_only(ref, _ids(conn, "turns", ref))]
                ).fetchone()
            return turn_of(row)

    def answer(self, ref: str) -> Turn:
        """Return the answer that ``ref`` names; ``last`` is the newest answer, whatever was asked since.

        Of the drafts of a generator, the one that became what it made is meant.

        Raises:
            NoSuchTurn: if there is none.
            AmbiguousRef: if there are several.
            NotAnAnswer: if the turn is not the assistant's.
        """
        if ref == "last":
            with self._database.reading() as conn:
                row = conn.execute(_NEWEST_ANSWER).fetchone()
                if row is None:
                    raise NoSuchTurn(ref=ref)
                made = conn.execute(_MADE, [row["conversation"]]).fetchone() if row["generator"] else None
            return turn_of(made or row)
        turn = self.turn(ref)
        if turn.role != "assistant":
            raise NotAnAnswer(ref=turn.id, role=turn.role)
        return turn

    def mark_artifact(self, turn: str) -> None:
        """Note that this draft became what its generator made; nothing happens if it has been deleted."""
        with self._database.writing() as conn:
            conn.execute("INSERT OR REPLACE INTO artifacts SELECT id FROM turns WHERE id = ?", [turn])

    def siblings(self, turn: Turn) -> list[Turn]:
        """Return the turns that follow what ``turn`` follows, itself included, in the order in which they were added.

        There are none beside the first turn of a conversation.
        """
        if turn.parent is None:
            return [turn]
        with self._database.reading() as conn:
            return [
                turn_of(row) for row in conn.execute("SELECT * FROM turns WHERE parent = ? ORDER BY seq", [turn.parent])
            ]

    def conversation(self, ref: str) -> str:
        """Return the id of the conversation that ``ref`` names, or that has the turn it names.

        Raises:
            NoSuchTurn: if there is none.
            AmbiguousRef: if there are several.
        """
        with self._database.reading() as conn:
            if ref == "last":
                return self.turn(ref).conversation
            found = {self.turn(turn).conversation for turn in _ids(conn, "turns", ref)}
            return _only(ref, sorted(found.union(_ids(conn, "conversations", ref))))

    def entitle(self, conversation: str, title: str) -> None:
        """Give the conversation with this id a title, unless it has one or is not there."""
        with self._database.writing() as conn:
            conn.execute("UPDATE conversations SET title = ? WHERE id = ? AND title = ''", [clean(title), conversation])

    def title(self, conversation: str) -> str:
        """Return the title of the conversation with this id; empty if it was given none, or is not there."""
        with self._database.reading() as conn:
            row = conn.execute("SELECT title FROM conversations WHERE id = ?", [conversation]).fetchone()
        return str(row["title"]) if row else ""

    def is_conversation(self, ref: str) -> bool:
        """Tell whether ``ref`` names a conversation rather than a turn.

        Raises:
            NoSuchTurn: if it names neither.
            AmbiguousRef: if it names several.
        """
        with self._database.reading() as conn:
            if ref == "last":
                return False
            conversations = _ids(conn, "conversations", ref)
            return _only(ref, conversations + _ids(conn, "turns", ref)) in conversations

    def follow(self, ref: str) -> Turn:
        """Return the turn after which a conversation goes on: the one ``ref`` names, or the tip of the conversation.

        Raises:
            NoSuchTurn: if there is none.
            AmbiguousRef: if there are several.
        """
        with self._database.reading():
            return self.tip(self.conversation(ref)) if self.is_conversation(ref) else self.turn(ref)

    def tip(self, conversation: str) -> Turn:
        """Return the newest turn of a conversation, which is always a leaf.

        Raises:
            NoSuchTurn: if the conversation is empty or not there.
        """
        turns = self.list_turns(1, conversation)
        if not turns:
            raise NoSuchTurn(ref=conversation)
        return turns[0]

    def path(self, turn: str) -> list[Turn]:
        """Return the turns from the first one of the conversation to the one with this id."""
        with self._database.reading() as conn:
            return [turn_of(row) for row in conn.execute(_PATH, [turn])]

    def list_turns(self, limit: int, conversation: str | None = None) -> list[Turn]:
        """Return the newest turns, the newest first; of one conversation if its id is given."""
        with self._database.reading() as conn:
            if conversation is None:
                rows = conn.execute("SELECT * FROM turns ORDER BY seq DESC LIMIT ?", [limit])
            else:
                query = "SELECT * FROM turns WHERE conversation = ? ORDER BY seq DESC LIMIT ?"
                rows = conn.execute(query, [conversation, limit])
            return [turn_of(row) for row in rows]

    def list_conversations(self, limit: int = -1) -> list[Conversation]:
        """Return the conversations that have turns, the one with the newest turn first; all if ``limit`` is -1."""
        with self._database.reading() as conn:
            return conversations(conn, limit)

    def count_turns(self) -> int:
        """Return how many turns there are."""
        with self._database.reading() as conn:
            return int(conn.execute("SELECT count(*) FROM turns").fetchone()[0])

    def search(self, text: str, limit: int) -> list[Turn]:
        """Return the newest turns in which every word of ``text`` occurs, the newest first.

        What is a word and where it must be is said at `aigc_cli.store.words.Query`. Newest first, rather than by
        relevance: in one's own history the last time is usually the one meant, and it needs no look at all the others.
        """
        query = Query(text)
        indexed = query.expression()
        found: list[Turn] = []
        if not indexed or limit < 1:
            return found
        with (
            self._database.reading() as conn,
            closing(conn.execute(_PROPOSED, [indexed])) as proposed,
            closing(conn.execute(_GROWING)) as growing,
        ):
            for row in heapq.merge(proposed, growing, key=lambda row: row["seq"], reverse=True):
                if query.matches(row["text"]):
                    found.append(turn_of(row))
                    if len(found) == limit:
                        break
        return found

    def branch(self, ref: str) -> list[Turn]:
        """Return what `delete` deletes: the turns of a conversation, or a turn with all that follows it, in order.

        Raises:
            NoSuchTurn: if there is none.
            AmbiguousRef: if there are several.
        """
        with self._database.reading() as conn:
            if self.is_conversation(ref):
                rows = conn.execute("SELECT * FROM turns WHERE conversation = ? ORDER BY seq", [self.conversation(ref)])
            else:
                rows = conn.execute(_BRANCH, [self.turn(ref).id])
            return [turn_of(row) for row in rows]

    def delete(self, ref: str) -> int:
        """Delete a conversation, or a turn with all that follows it; return how many turns are gone.

        What is deleted is overwritten in the file. A conversation goes with its last turn. Where the history is large,
        the index takes seconds to lose the words for good; other processes can write meanwhile.

        Raises:
            NoSuchTurn: if there is none.
            AmbiguousRef: if there are several.
        """
        with self._database.writing() as conn:
            conversation = self.conversation(ref)
            doomed = self.branch(ref)
            for turn in reversed(doomed):  # children first
                if turn.status != "streaming":
                    unindex(conn, turn)
                conn.execute("DELETE FROM turns WHERE id = ?", [turn.id])
            conn.execute(
                "DELETE FROM conversations WHERE id = ? AND NOT EXISTS (SELECT 1 FROM turns WHERE conversation = ?)",
                [conversation, conversation],
            )
        first = True
        while self._merge(first):
            first = False
        self._database.checkpoint()
        return len(doomed)

    def _merge(self, first: bool) -> bool:
        """Do a step of writing the index anew without what was deleted; return whether there is more to do."""
        with self._database.writing() as conn:
            return merge(conn, first=first)


def _ids(conn: sqlite3.Connection, table: str, ref: str) -> list[str]:
    """Return the ids that begin with ``ref``, no more than it takes to say that there are too many."""
    prefix = ref.lower()
    if not prefix.isalnum():
        return []
    query = f"SELECT id FROM {table} WHERE id >= ? AND id < ? LIMIT 100"  # noqa: S608 - called with constants
    return [id_ for (id_,) in conn.execute(query, [prefix, prefix + _AFTER_ID_CHARACTERS])]


def _only(ref: str, found: list[str]) -> str:
    if not found:
        raise NoSuchTurn(ref=ref)
    if len(found) > 1:
        raise AmbiguousRef(ref=ref, count=len(found))
    return found[0]
