"""What learning from votes reads and keeps: the conversations that have any."""

from __future__ import annotations

from collections.abc import Iterator

from aigc_cli.core.conversation import Turn
from aigc_cli.store.database import Database
from aigc_cli.store.rows import turn_of

_AT_ONCE = 500  # conversations; nobody else can write to the connection while they are read

_JUDGED = """
    SELECT turns.* FROM turns JOIN (
        SELECT DISTINCT conversation FROM turns
        WHERE conversation > ? AND EXISTS (
            SELECT 1 FROM ratings WHERE turn = turns.id UNION ALL SELECT 1 FROM pairs WHERE chosen = turns.id
            UNION ALL SELECT 1 FROM signals WHERE turn = turns.id
        )
        ORDER BY conversation LIMIT ?
    ) USING (conversation) ORDER BY conversation, seq
"""


class Lessons:
    """What there is to learn from in the history; see `Feedback` for the votes themselves."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def judged(self) -> Iterator[list[Turn]]:
        """Yield the turns of every conversation that has a vote, a pair or a signal, those of several at a time.

        Conversations come whole, the oldest first, and their turns in order.
        """
        last = ""
        while True:
            with self._database.reading() as conn:
                turns = [turn_of(row) for row in conn.execute(_JUDGED, [last, _AT_ONCE])]
            if not turns:
                return
            yield turns
            last = turns[-1].conversation
