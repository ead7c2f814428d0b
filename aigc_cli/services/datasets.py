"""Datasets from the votes of a history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from aigc_cli.core.conversation import Turn
from aigc_cli.core.dataset import TEST_FRACTION, Dataset, DatasetKind, Exchange, Reply, Split
from aigc_cli.core.feedback import Pair, Rating
from aigc_cli.feedback.datasets import build
from aigc_cli.services.chat import history_messages, joined

if TYPE_CHECKING:
    from aigc_cli.store import Store

_CUT = ("length", "interrupted", "error")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which answers to learn from; None is all, and an empty text those that have none.

    Attributes:
        model: The name of the model that wrote them.
        template: Name and language of a prompt template, whatever its version and variant.
        since: Only what the user said from this time on, in UTC as ISO 8601 writes it, or the beginning of that.
        hints: Take what the user did for a vote, where there is no vote.
    """

    generator: str | None = None
    template: str | None = None
    model: str | None = None
    adapter: str | None = None
    since: str = ""
    hints: bool = False

    def has(self, turn: Turn) -> bool:
        """Tell whether it is an answer to learn from."""
        return (
            self.generator in (None, turn.generator)
            and self.template in (None, turn.template.partition("@")[0])
            and self.model in (None, turn.model)
            and self.adapter in (None, turn.adapter)
        )


def dataset(
    store: Store,
    kind: DatasetKind,
    wanted: Wanted,
    *,
    split: Split = "all",
    test_fraction: float = TEST_FRACTION,
    redact: bool = False,
) -> Dataset:
    """Return the rows of one kind that the votes come to; see `aigc_cli.feedback.datasets.build`.

    The same votes give the same rows in the same order.
    """
    return build(
        exchanges(store, wanted),
        kind,
        split=split,
        test_fraction=test_fraction,
        redact=redact,
        hints=wanted.hints,
    )


def exchanges(store: Store, wanted: Wanted) -> Iterator[Exchange]:
    """Yield the questions whose answers the user said something of, the oldest conversation first."""
    pairs = defaultdict(list)
    for pair in store.feedback.pairs(since=wanted.since):
        pairs[pair.chosen].append(pair)
    hints: dict[str, float] = defaultdict(float)
    for signal in store.feedback.signals() if wanted.hints else ():
        hints[signal.turn] += signal.weight
    for turns in store.lessons.judged():
        ratings = store.feedback.ratings_of([turn.id for turn in turns if turn.role == "assistant"])
        ratings = {turn: rating for turn, rating in ratings.items() if rating.created >= wanted.since}
        for _, conversation in groupby(turns, lambda turn: turn.conversation):
            yield from _of_conversation(list(conversation), ratings, pairs, hints, wanted)


def _of_conversation(
    turns: Sequence[Turn],
    ratings: Mapping[str, Rating],
    pairs: Mapping[str, Sequence[Pair]],
    hints: Mapping[str, float],
    wanted: Wanted,
) -> Iterator[Exchange]:
    places = {turn.id: turn for turn in turns}
    answers: dict[str, list[Turn]] = defaultdict(list)
    for turn in turns:
        if turn.role == "assistant" and turn.parent and turn.text.strip():
            answers[turn.parent].append(turn)
    for question, replies in answers.items():
        known = {reply.id for reply in replies}
        compared = [
            pair for reply in replies if wanted.has(reply) for pair in pairs.get(reply.id, ()) if pair.rejected in known
        ]
        in_pairs = {turn for pair in compared for turn in (pair.chosen, pair.rejected)}
        own = {pair.chosen for pair in compared if pair.origin == "correction"}
        said = tuple(
            _reply(reply, ratings.get(reply.id), reply.id in own, hints.get(reply.id, 0.0))
            for reply in replies
            if reply.id in in_pairs or (wanted.has(reply) and (reply.id in ratings or hints.get(reply.id)))
        )
        if said:
            path = [places[question]]
            while path[-1].parent:
                path.append(places[path[-1].parent])
            prompt = joined(history_messages(path[::-1]))
            preferred = tuple((pair.chosen, pair.rejected) for pair in compared)
            yield Exchange(places[question].conversation, prompt, said, preferred)


def _reply(turn: Turn, rating: Rating | None, own: bool, hint: float) -> Reply:
    """Return what is known of an answer; one of the user's own (``own``) counts as liked unless they say otherwise."""
    about = {name: getattr(turn, name) for name in ("generator", "template", "model", "adapter")}
    if rating:
        about |= {"reasons": " ".join(rating.reasons), "note": rating.note, "voted": rating.created}
    whole = turn.status == "complete" and turn.finish_reason not in _CUT
    return Reply(turn.id, turn.text, whole, rating.value > 0 if rating else own or None, hint, about)
