"""An adapter compared with the model alone: by the user's duels, and by a judge that learned from votes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aigc_cli.core.engine import Engine, Reflective
from aigc_cli.core.feedback import Outcome, Side
from aigc_cli.core.text import N_, Notice
from aigc_cli.core.tuning import Adapter
from aigc_cli.feedback.ranker import Ranker, learn
from aigc_cli.services.lessons import Lessons, gather
from aigc_cli.store import Store
from aigc_cli.tuning.proof import Proof, Share, share_of

_VOTES = 400  # that the judge learns from
_POINTS: Mapping[Outcome, tuple[float, float]] = {"first": (1.0, 0.0), "second": (0.0, 1.0), "tie": (0.5, 0.5)}


def prove(store: Store, engine: Engine, adapter: Adapter, notify: Callable[[Notice], None]) -> Adapter:
    """Return ``adapter`` with what duels and votes say of it now, and keep that.

    The judge sees only votes that were trained on; what it compares are the answers of the examination.

    Raises:
        MissingExtra: if what the judge is made with is not installed.
    """
    ranker = _ranker(gather(store, adapter.generator or None), engine, notify)
    trusted = ranker is not None and ranker.trusted
    judged = _judged(ranker, engine, adapter) if ranker and trusted else None
    proof = Proof(_duels(store, adapter.name), judged, ranker.low if ranker else None)
    proven = replace(adapter, proof=proof.plain())
    store.adapters.save(proven)
    return proven


def _ranker(lessons: Lessons, engine: Engine, notify: Callable[[Notice], None]) -> Ranker | None:
    rows = lessons.rows["kto"][:_VOTES]
    if not isinstance(engine, Reflective) or not rows:
        return None
    notify(Notice(N_("reading {count} votes to judge by"), {"count": len(rows)}))
    questions = [row["prompt"][-1]["content"] for row in rows]
    # Liked answers are whole, as cut ones are not learned from; whether a disliked one is, the rows do not say.
    states = [
        engine.reflect(question, row["completion"][0]["content"], whole=True)
        for question, row in zip(questions, rows, strict=True)
    ]
    return learn(states, [row["label"] for row in rows], questions)


def _judged(ranker: Ranker, engine: Engine, adapter: Adapter) -> Share | None:
    answers: Sequence[Mapping[str, Any]] = adapter.gate.get("answers", ())
    if not isinstance(engine, Reflective) or not answers:
        return None
    points = []
    for pair in answers:
        with_adapter, alone = (
            ranker.likes(engine.reflect(pair["question"], pair[side], whole=True)) if pair[side] else 0.0
            for side in ("adapter", "base")
        )
        points.append((with_adapter > alone) + (with_adapter == alone) / 2)
    return share_of(points)


def _duels(store: Store, name: str) -> Share:
    points = []
    for outcome, first, second in store.feedback.duel_sides():
        if outcome not in _POINTS:
            continue
        if _is(first, name) and not second.adapter:
            points.append(_POINTS[outcome][0])
        elif _is(second, name) and not first.adapter:
            points.append(_POINTS[outcome][1])
    return share_of(points)


def _is(side: Side, name: str) -> bool:
    return side.adapter.partition(":")[0] == name
