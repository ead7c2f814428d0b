"""What learning from votes reads and keeps besides the votes: which answers taught which, and what they are about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import NoSuchTurn
from aigc_cli.core.feedback import Vote
from aigc_cli.core.lesson import Advice, Lesson, Shown
from aigc_cli.store.database import Database
from aigc_cli.store.rows import turn_of

_AT_ONCE = 500  # conversations; nobody else can write to the connection while they are read

VectorUse = Literal["question", "answer"]
"""Whether a vector says what was asked, or how it was answered."""

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
_NEWEST = """
    SELECT created, turn FROM ratings INDEXED BY {index} WHERE generator = :generator AND {template} AND {judged}
    ORDER BY created DESC LIMIT :limit
"""
_CORRECTED = """
    SELECT pairs.created, chosen FROM pairs JOIN turns ON turns.id = chosen
    WHERE pairs.origin = 'correction' AND generator = :generator AND {template}
    ORDER BY pairs.created DESC LIMIT :limit
"""
_EXCHANGES = """
    SELECT answer.id, question.text AS question, answer.text AS answer,
        answer.status = 'complete' AND coalesce(answer.finish_reason, 'stop') = 'stop' AND answer.text <> ''
            AS whole,
        question.role = 'user' AND coalesce(before.role, 'system') = 'system' AS alone
    FROM turns AS answer JOIN turns AS question ON question.id = answer.parent
    LEFT JOIN turns AS before ON before.id = question.parent
    WHERE answer.id IN (SELECT value FROM json_each(?))
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """Answers that came about in the same way; empty texts stand for no generator and no template.

    Attributes:
        template: Name and language, whatever the version and the variant.
    """

    generator: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A question and an answer to it.

    Attributes:
        whole: The answer came to its own end.
        alone: They make sense without anything that was said before.
    """

    question: str
    answer: str
    whole: bool
    alone: bool


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

    def imported(self, source: str, name: str) -> str:
        """Return the id of the turn that a source calls ``name``.

        Raises:
            NoSuchTurn: if it was never imported.
        """
        with self._database.reading() as conn:
            row = conn.execute("SELECT id FROM turns WHERE origin = ?", [f"{source}:{name}"]).fetchone()
        if row is None:
            raise NoSuchTurn(ref=name)
        return str(row["id"])

    # Choosing examples

    def pool(self, kind: Kind, value: Vote, limit: int) -> list[str]:
        """Return answers of a kind that were liked or corrected, or disliked for a reason; the newest vote first."""
        template = "template >= :template || '@' AND template < :template || 'A'" if kind.template else "template = ''"
        judged = "value = 1" if value > 0 else "value = -1 AND reasons <> '[]'"
        index = "ratings_lately" if value > 0 else "ratings_reasoned"
        queries = [_NEWEST.format(template=template, judged=judged, index=index)]
        if value > 0:
            queries.append(_CORRECTED.format(template=template))
        wanted = {"generator": kind.generator, "template": kind.template, "limit": limit}
        with self._database.reading() as conn:
            found = {tuple(row) for query in queries for row in conn.execute(query, wanted)}
        return list(dict.fromkeys(turn for _, turn in sorted(found, reverse=True)))[:limit]

    def told(self, turns: Sequence[str]) -> dict[str, Told]:
        """Return these answers with what they answer, by turn."""
        with self._database.reading() as conn:
            rows = conn.execute(_EXCHANGES, [json.dumps(list(turns))])
            return {
                row["id"]: Told(row["question"], row["answer"], bool(row["whole"]), bool(row["alone"])) for row in rows
            }

    def vectors(self, model: str, use: VectorUse, turns: Sequence[str]) -> dict[str, bytes]:
        """Return the vectors of these answers that are known, by turn."""
        among = "turn IN (SELECT value FROM json_each(?))"
        query = f"SELECT turn, vector FROM vectors WHERE model = ? AND use = ? AND {among}"  # noqa: S608 - a constant
        with self._database.reading() as conn:
            return dict(map(tuple, conn.execute(query, [model, use, json.dumps(list(turns))])))

    def keep_vectors(self, model: str, use: VectorUse, vectors: Mapping[str, bytes]) -> None:
        """Keep vectors by turn, an empty one for a turn that is not to be used; those of deleted turns are dropped."""
        insert = "INSERT OR REPLACE INTO vectors SELECT id, ?, ?, ? FROM turns WHERE id = ?"
        with self._database.writing() as conn:
            conn.executemany(insert, [[model, use, vector, turn] for turn, vector in vectors.items()])

    def centre(self, model: str) -> bytes | None:
        """Return what all vectors of a model share, if that was kept."""
        with self._database.reading() as conn:
            row = conn.execute("SELECT vector FROM centres WHERE model = ?", [model]).fetchone()
        return row[0] if row else None

    def keep_centre(self, model: str, vector: bytes) -> None:
        """Keep what all vectors of a model share."""
        with self._database.writing() as conn:
            conn.execute("INSERT OR REPLACE INTO centres VALUES (?, ?)", [model, vector])

    # What taught what

    def keep_lesson(self, turn: str, lesson: Lesson) -> None:
        """Keep what shaped an answer; nothing happens if it has been deleted."""
        examples = json.dumps([example.turn for example in lesson.examples])
        advice = json.dumps([[one.reason, one.text, one.turns] for one in lesson.advice], ensure_ascii=False)
        with self._database.writing() as conn:
            insert = "INSERT OR REPLACE INTO lessons SELECT id, ?, ? FROM turns WHERE id = ?"
            conn.execute(insert, [examples, advice, turn])

    def lesson(self, turn: str) -> Lesson:
        """Return what shaped an answer, without examples that have been deleted since."""
        with self._database.reading() as conn:
            row = conn.execute("SELECT examples, advice FROM lessons WHERE turn = ?", [turn]).fetchone()
            if row is None:
                return Lesson()
            turns = json.loads(row["examples"])
            told = self.told(turns)
        examples = tuple(Shown(one, told[one].question, told[one].answer) for one in turns if one in told)
        return Lesson(examples, tuple(Advice(a, text, tuple(of)) for a, text, of in json.loads(row["advice"])))

    # Votes on variants

    def template_votes(self, template: str) -> dict[str, tuple[int, int]]:
        """Return how many thumbs-up and thumbs-down the versions and variants of a template have, by reference.

        ``template`` is name and language; empty for all templates.
        """
        query = """
            SELECT template, sum(value = 1), sum(value = -1) FROM ratings
            WHERE generator = '' AND template >= ? AND template < ? GROUP BY template
        """
        limits = [f"{template}@", f"{template}A"] if template else ["\x01", "\U0010ffff"]
        with self._database.reading() as conn:
            return {name: (up, down) for name, up, down in conn.execute(query, limits)}
