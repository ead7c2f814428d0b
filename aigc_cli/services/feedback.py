"""What follows from what the user says of an answer. The command line and the chat both come here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.feedback import SIGNAL_WEIGHTS, Duel, Outcome, Pair, Rating, SignalKind, Vote
from aigc_cli.core.generator import Texts
from aigc_cli.core.text import N_

if TYPE_CHECKING:
    from aigc_cli.store import Store

_BETWEEN_REASONS = " \t\n\u3000,，、;；:："


@dataclass(frozen=True, slots=True)
class Voted:
    """A vote as it is now, and the pair with the answer that this one took the place of."""

    rating: Rating
    pair: Pair | None


@dataclass(frozen=True, slots=True)
class Corrected:
    """What the user wrote in place of an answer: a turn beside it, which is preferred to it."""

    turn: Turn
    pair: Pair


class Feedback:
    """Votes, corrections, duels and signals on the answers of one history.

    Everything a call does is one transaction: it happens as a whole or not at all, whatever other processes do.

    Args:
        store: The history.
        signals: Note what hints at what the user thinks of an answer.
        voted: Told of every vote that is new or changed, once it is kept.
    """

    def __init__(self, store: Store, *, signals: bool, voted: Callable[[Rating], None] = lambda rating: None) -> None:
        self._store = store
        self._signals = signals
        self._voted = voted

    def rate(self, ref: str, value: Vote, reasons: Iterable[str] = (), note: str = "") -> Voted:
        """Vote on an answer; to do so again changes nothing.

        Another vote of the same kind adds its reasons, and its note takes the place of the one before; one of the other
        kind takes the place of the vote. A thumbs-up for an answer that took the place of another says that it is
        better, unless that one is liked, too.

        Args:
            ref: As `Store.answer` takes it.
            value: 1 for thumbs-up, -1 for thumbs-down.
            reasons: Tags; written in lower case with hyphens, however they are given.
            note: The user's own words.

        Raises:
            NoSuchTurn: if there is no such answer.
            AmbiguousRef: if there are several.
            NotAnAnswer: if it is a question.
        """
        store = self._store
        with store.batch():
            turn = store.answer(ref)
            before = store.feedback.rating(turn.id)
            kept = before if before and before.value == value else None
            tags = dict.fromkeys([*(kept.reasons if kept else ()), *filter(None, map(as_tag, reasons))])
            note = note.strip() or (kept.note if kept else "")
            if kept and (tuple(tags), note) == (kept.reasons, kept.note):
                rating = kept
            else:
                rating = store.feedback.rate(turn, value, tuple(tags), note)
            voted = Voted(rating, self._compare(turn, value))
        if rating != before:
            self._voted(rating)
        return voted

    def undo(self, ref: str, value: Vote | None = None) -> bool:
        """Take back the vote on an answer, and the pair that it made; raises what `rate` raises.

        Args:
            ref: As `Store.answer` takes it.
            value: Only if the vote is of this kind.

        Returns:
            Whether there was such a vote.
        """
        store = self._store
        with store.batch():
            turn = store.answer(ref)
            rating = store.feedback.rating(turn.id)
            if rating is None or value not in (None, rating.value):
                return False
            store.feedback.remove_pairs("retry", chosen=turn.id)
            return store.feedback.unrate(turn.id)

    def correct(self, ref: str, text: str) -> Corrected:
        """Put what an answer should have been beside it, as a turn that no model wrote and that is preferred to it.

        The same text once more changes nothing.

        Raises:
            UsageProblem: if the text is blank, or that of the answer.
            NoSuchTurn, AmbiguousRef, NotAnAnswer: as `rate` does.
        """
        store = self._store
        text = text.strip("\n")
        with store.batch():
            turn = store.answer(ref)
            if not text.strip():
                raise UsageProblem(detail=N_("the correction is empty"))
            if text == turn.text.strip("\n"):
                raise UsageProblem(detail=N_("the correction is the same as the answer"))
            corrected = next((one for one in store.siblings(turn) if not one.model and one.text == text), None)
            if corrected is None:
                corrected = store.add_turn(
                    turn.conversation,
                    turn.parent,
                    "assistant",
                    text,
                    template=turn.template,
                    generator=turn.generator,
                )
            return Corrected(corrected, store.feedback.add_pair(corrected.id, turn.id, "correction"))

    def decide(self, duel: Duel, outcome: Outcome) -> Pair | None:
        """Keep what the user chose in a duel, and return the pair that this makes.

        Raises:
            NoSuchDuel: if it has been decided before, or deleted.
        """
        feedback = self._store.feedback
        with self._store.batch():
            feedback.decide_duel(duel.id, outcome)
            if outcome == "first":
                return feedback.add_pair(duel.first, duel.second, "duel")
            if outcome == "second":
                return feedback.add_pair(duel.second, duel.first, "duel")
        return None

    def note(self, turn: str, kind: SignalKind) -> None:
        """Note what the user did with an answer, if that is wanted."""
        if self._signals:
            self._store.feedback.add_signal(turn, kind, SIGNAL_WEIGHTS[kind])

    def _compare(self, turn: Turn, value: Vote) -> Pair | None:
        """Bring the pairs that come from retries up to date with a vote."""
        feedback = self._store.feedback
        if value < 0:
            feedback.remove_pairs("retry", chosen=turn.id)
            return None
        feedback.remove_pairs("retry", rejected=turn.id)
        siblings = self._store.siblings(turn)
        known = {
            pair.rejected if pair.chosen == turn.id else pair.chosen: pair for pair in feedback.pairs(turn=turn.id)
        }
        ratings = feedback.ratings_of([sibling.id for sibling in siblings])
        for old in reversed(siblings[: siblings.index(turn)]):
            liked = old.id in ratings and ratings[old.id].value > 0
            if not liked and _took_the_place_of(turn, old, siblings):
                # What the user said when looking at both counts more.
                return known.get(old.id) or feedback.add_pair(turn.id, old.id, "retry")
        return None


def split_reasons(words: str, known: Mapping[str, Texts]) -> tuple[tuple[str, ...], str]:
    """Return the tags that ``words`` begins with, and what follows them: the user's own words.

    A tag may be written as it is or as a person would say it, in any language; commas and space stand between tags.
    """
    names = {name.lower(): tag for tag, texts in known.items() for name in (tag, *texts.values())}
    by_length = sorted(names, key=len, reverse=True)
    tags = []
    rest = words.strip(_BETWEEN_REASONS)
    while tag := next((name for name in by_length if _begins(rest, name)), None):
        tags.append(names[tag])
        rest = rest[len(tag) :].strip(_BETWEEN_REASONS)
    return tuple(tags), rest


def as_tag(reason: str) -> str:
    """Return a reason as it is kept: in lower case, with hyphens for space."""
    return "-".join(reason.lower().split())


def _begins(words: str, name: str) -> bool:
    """Tell whether ``words`` begins with ``name`` and something else after it."""
    return words.lower().startswith(name) and words[len(name) : len(name) + 1] in ("", *_BETWEEN_REASONS)


def _took_the_place_of(new: Turn, old: Turn, siblings: list[Turn]) -> bool:
    """Tell whether ``new`` is the answer to a retry after ``old``, rather than written by hand or together with it.

    Answers to one request are drawn with consecutive seeds (see `Request.candidates`); those of generators are drafts.
    """
    if not (new.model and old.model and old.text.strip()) or new.generator or old.generator:
        return False
    apart = siblings.index(new) - siblings.index(old)
    return new.seed is None or old.seed is None or new.seed - old.seed != apart
