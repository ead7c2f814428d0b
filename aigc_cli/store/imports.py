"""Adding conversations from outside, each turn once."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from aigc_cli.core.conversation import ForeignConversation
from aigc_cli.core.ids import new_id
from aigc_cli.store.rows import clean, insert

_KNOWN = "SELECT id, conversation FROM turns WHERE origin = ? UNION ALL SELECT id, conversation FROM turns WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Added:
    """What came of one conversation: how much was added, and how many of its turns were there already."""

    conversations: int
    turns: int
    present: int


def add_foreign(conn: sqlite3.Connection, foreign: ForeignConversation) -> Added:
    """Add what is new of a conversation, below what is known of it; parents come before their children.

    A turn is known by its origin, or by its id if it is one of our own that comes back.
    """
    places: dict[str, tuple[str, str]] = {}  # our turn and conversation for an id of the source
    for turn in foreign.turns:
        if row := conn.execute(_KNOWN, [_origin(foreign, turn.id), turn.id]).fetchone():
            places[turn.id] = row["id"], row["conversation"]
    present = len(places)
    home = next(iter(places.values()))[1] if places else None
    conversations = 0
    for turn in foreign.turns:
        if turn.id in places:
            continue
        if turn.parent:
            parent, conversation = places[turn.parent]
        else:
            if home is None:
                home = new_id()
                conversations = 1
                conn.execute(
                    "INSERT INTO conversations VALUES (?, ?, ?)", [home, clean(foreign.title), foreign.created]
                )
            parent, conversation = None, home
        added = replace(turn, id=new_id(), conversation=conversation, parent=parent)
        insert(conn, added, _origin(foreign, turn.id))
        places[turn.id] = added.id, conversation
    return Added(conversations, len(places) - present, present)


def _origin(foreign: ForeignConversation, turn: str) -> str:
    return clean(f"{foreign.source}:{turn}")
