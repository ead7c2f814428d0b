"""Duels: two answers to a question by two settings, between which the user chooses without knowing whose they are.

Which of the two is written first is drawn by lot, which is shown first once more, and nothing is told before both are
complete. So neither the place, nor the time it took, nor what was said meanwhile tells which is which.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from aigc_cli.core.answer import Answered
from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.feedback import Duel, Outcome, Side
from aigc_cli.core.request import Sampling
from aigc_cli.core.text import N_, Notice
from aigc_cli.services.chat import ChatService, Question
from aigc_cli.services.compose import OF_A_TURN, Wish
from aigc_cli.services.strength import Strength, strengths

if TYPE_CHECKING:
    from aigc_cli.store import Store

SEED = "seed"
"""The name of a contender that differs from the usual settings by nothing but chance."""

KEYS = ("model", "adapter", "template", *OF_A_TURN)
_POINTS: Mapping[Outcome, float] = {"first": 1.0, "tie": 0.5, "second": 0.0}


@dataclass(frozen=True, slots=True)
class Contender:
    """Settings in which an answer is written; None and empty are the usual ones."""

    model: str | None = None
    template: str | None = None
    adapters: tuple[str, ...] | None = None
    sampling: Mapping[str, int | float] = field(default_factory=dict)

    def wish(self, wish: Wish) -> Wish:
        """Return ``wish`` in these settings."""
        sampling = {**wish.sampling, **self.sampling}
        limit = sampling.pop("max_tokens", wish.max_tokens)
        return replace(
            wish,
            template=self.template or wish.template,
            variables=wish.variables if self.template in (None, wish.template) else {},
            sampling=sampling,
            max_tokens=int(limit) if limit else None,
            adapters=wish.adapters if self.adapters is None else self.adapters,
        )


def read_contender(text: str, read: Callable[[str, str], int | float]) -> Contender:
    """Read a contender: ``seed``, or KEY=VALUE with commas between several, such as ``temperature=1.1,top_p=0.9``.

    Args:
        text: What the user wrote.
        read: Returns the value of a setting of `OF_A_TURN`, given its key and text; raises `SettingError`.

    Raises:
        UsageProblem: if it is neither.
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        key, equals, value = part.strip().partition("=")
        if key == SEED and not equals:
            continue
        if key not in KEYS or not value:
            known = {"text": part.strip(), "known": ", ".join(f"{key}=" for key in KEYS)}
            raise UsageProblem(detail=Notice(N_("{text!r} is no contender: write `seed`, or one of {known}"), known))
        found[key] = value
    adapter = found.get("adapter")
    return Contender(
        model=found.get("model"),
        template=found.get("template"),
        adapters=None if adapter is None else (adapter,),
        sampling={key: read(key, value) for key, value in found.items() if key in OF_A_TURN},
    )


class Arena:
    """Where duels are fought.

    Args:
        store: Keeps the questions, answers and duels.
        question: Returns what a wish comes to after a turn; see `App.question`.
        chat: Returns what answers with a model and adapters; see `App.chat`.
        shuffle: Puts a list into a random order.
    """

    def __init__(
        self,
        store: Store,
        question: Callable[[Wish, Turn | None], Question],
        chat: Callable[[str | None, Sequence[str]], ChatService],
        shuffle: Callable[[list[Any]], None] = random.shuffle,
    ) -> None:
        self._store = store
        self._question = question
        self._chat = chat
        self._shuffle = shuffle

    def fight(
        self,
        wish: Wish,
        contenders: Sequence[Contender],
        *,
        model: str | None,
        cancel: threading.Event,
        follows: Turn | None = None,
        asked: Turn | None = None,
        conversation: str = "",
    ) -> Duel | None:
        """Let two contenders answer ``wish``; the duel then waits for the choice.

        Args:
            wish: What the user asks for.
            contenders: Two.
            model: The model of a contender that names none.
            cancel: Ends the duel when set; what was written by then is kept as interrupted answers.
            follows: The turn to continue from.
            asked: The question, if the history has it already.
            conversation: As `Question.conversation`.

        Returns:
            None if it was cancelled.

        Raises what `ChatService.ask` raises.
        """
        drawn = list(contenders)
        self._shuffle(drawn)
        # Both are looked at before either writes, so that what is wrong with one does not show when it is its turn.
        questions = [self._question(contender.wish(wish), follows) for contender in drawn]
        if asked is None:
            plain = self._question(replace(wish, template=None, variables={}), follows)
            asked = self._chat(model, ()).keep(replace(plain, conversation=conversation))
        follows = self._store.turn(asked.parent) if asked.parent else None
        turns = []
        for contender, question in zip(drawn, questions, strict=True):
            service = self._chat(contender.model or model, contender.wish(wish).adapters)
            turns.append(_answer(service, replace(question, asked=asked, follows=follows), cancel))
            if cancel.is_set():
                return None
        self._shuffle(turns)
        return self._store.feedback.start_duel(*turns)


def difference(first: Turn, second: Turn) -> tuple[str, str]:
    """Return what tells two answers from each other, for a person: the settings that differ, or else the seeds."""
    sides = [side_of(turn).settings for turn in (first, second)]
    keys = [key for key in dict.fromkeys([*sides[0], *sides[1]]) if sides[0].get(key) != sides[1].get(key)]
    if not keys:
        return f"seed={first.seed}", f"seed={second.seed}"
    one, other = (", ".join(f"{key}={side.get(key, _usual(key))}" for key in keys) for side in sides)
    return one, other


def side_of(turn: Turn) -> Side:
    """Return how an answer came about."""
    return Side(turn.model, turn.adapter, turn.template, turn.parameters)


def standings(store: Store) -> list[Strength]:
    """Return how strong the settings are that met in duels, the strongest first.

    Duels of equals, which differ in nothing but chance, and those in which both were bad, say nothing of that.
    """
    results = []
    for outcome, first, second in store.feedback.duel_sides():
        one, other = _name(first), _name(second)
        if one != other and outcome in _POINTS:
            results.append((one, other, _POINTS[outcome]))
    return strengths(results)


def _answer(service: ChatService, question: Question, cancel: threading.Event) -> str:
    """Write an answer without telling anything of it, and return its turn."""
    turn = ""
    for event in service.ask(question, cancel):
        if isinstance(event, Answered):
            turn = event.answer.id
    return turn


def _name(side: Side) -> str:
    return ", ".join(value if key == "model" else f"{key}={value}" for key, value in side.settings.items())


def _usual(key: str) -> str:
    return str(getattr(Sampling(), key, "none"))
