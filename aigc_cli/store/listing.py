"""The conversations, as a list of them shows them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from aigc_cli.core.conversation import Conversation

_CONVERSATIONS = """
    SELECT c.id, coalesce(nullif(c.title, ''), substr(first.text, 1, 80)), c.created, newest.created, latest.count
    FROM (
        SELECT conversation, max(seq) AS newest, count(*) AS count
        FROM turns {among} GROUP BY conversation
    ) AS latest
    JOIN conversations AS c ON c.id = latest.conversation
    JOIN turns AS newest ON newest.seq = latest.newest
    JOIN turns AS first ON first.seq = (
        SELECT seq FROM turns WHERE conversation = c.id ORDER BY role = 'user' DESC, seq LIMIT 1
    )
    ORDER BY latest.newest DESC
"""
_AMONG = "WHERE conversation IN (SELECT value FROM json_each(?))"
_NEWEST = "SELECT conversation FROM turns ORDER BY seq DESC"


def conversations(conn: sqlite3.Connection, limit: int) -> list[Conversation]:
    """Return the conversations that have turns, the one with the newest turn first; all if ``limit`` is -1."""
    if limit < 0:
        rows = conn.execute(_CONVERSATIONS.format(among=""))
    else:
        rows = conn.execute(_CONVERSATIONS.format(among=_AMONG), [json.dumps(_newest(conn, limit))])
    return [Conversation(*row) for row in rows]


def _newest(conn: sqlite3.Connection, limit: int) -> list[str]:
    """Return the ids of the conversations with the newest turns, without a look at all the others."""
    found: dict[str, None] = {}
    with closing(conn.execute(_NEWEST)) as turns:
        while len(found) < limit and (row := turns.fetchone()):
            found[row["conversation"]] = None
    return list(found)
