"""The command that lets two answers compete."""

from __future__ import annotations

from collections.abc import Iterable

from aigc_cli.core.conversation import Turn
from aigc_cli.core.feedback import Duel, Outcome
from aigc_cli.core.interrupt import interrupts
from aigc_cli.core.text import N_
from aigc_cli.i18n import _
from aigc_cli.repl.command import Command, Suggestion
from aigc_cli.repl.session import Session
from aigc_cli.services.duels import KEYS, Contender, difference, read_contender

CHOICES: dict[str, Outcome] = {"1": "first", "2": "second", "t": "tie", "b": "both-bad"}


def duel(session: Session, argument: str) -> None:
    """Have a question answered twice and go on from the answer that the user chooses without knowing whose it is."""
    contenders, text = _read(session, argument)
    asked = None if text else session.thread.question()
    session.screen.say(N_("both answers are being written…"))
    try:
        with interrupts(session.cancel):
            begun = session.app.arena(session.thread.store).fight(
                session.wish_of(asked) if asked else session.wish(text),
                contenders,
                model=session.model,
                cancel=session.cancel,
                follows=session.thread.before(asked) if asked else session.thread.tip,
                asked=asked,
                conversation=session.thread.conversation,
            )
    finally:
        session.load(session.model)
    if begun is None:
        session.screen.say(N_("stopped"))
        return
    session.last = None
    if text:
        session.attachments = []
    _choose(session, begun)


def _choose(session: Session, begun: Duel) -> None:
    """Show both answers, ask which is better, and go on from there."""
    store = session.thread.store
    first, second = store.turn(begun.first), store.turn(begun.second)
    session.thread.tip = first
    session.screen.duel(first.text, second.text)
    meanings = (_("the first"), _("the second"), _("as good as each other"), _("both are bad"))
    choices = {"s": _("say it later, with `aigc duel decide`"), **dict(zip(CHOICES, meanings, strict=True))}
    outcome = CHOICES.get(session.choose(_("Which answer is better?"), choices))
    if outcome is None:
        return
    session.feedback.decide(begun, outcome)
    session.voted = True
    one, other = difference(first, second)
    session.screen.say(N_("answer 1 was {first}, answer 2 was {second}"), first=one, second=other)
    session.thread.tip = _place(session, outcome, first, second)


def _place(session: Session, outcome: Outcome, first: Turn, second: Turn) -> Turn | None:
    """Return where the conversation goes on: after the better answer, or after the question where both are bad."""
    if outcome == "both-bad":
        return session.thread.before(first)
    return second if outcome == "second" else first


def _read(session: Session, argument: str) -> tuple[list[Contender], str]:
    """Return the contenders that the argument begins with, filled up with the usual settings, and the question."""
    words = argument.split()
    named: list[Contender] = []
    while len(named) < 2 and words and words[0].partition("=")[0] in KEYS and "=" in words[0]:
        named.append(read_contender(words.pop(0), session.app.read_turn_setting))
    text = argument.split(None, len(named))[len(named) :]
    return [*[Contender()] * (2 - len(named)), *named], text[0] if text else ""


def _suggest(session: Session, argument: str) -> Iterable[Suggestion]:
    word = argument.rpartition(" ")[2]
    for key in KEYS:
        if key.startswith(word) and len(argument.split()) <= 2:
            yield Suggestion(f"{key}=", len(word))


COMMANDS = [
    Command(
        "duel",
        N_("choose between two answers without knowing whose they are"),
        duel,
        ("对决", "比较"),
        N_("[KEY=VALUE]… [PROMPT]"),
        _suggest,
    )
]
