"""Commands that vote on answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.feedback import Vote
from aigc_cli.core.generator import Texts
from aigc_cli.core.text import N_
from aigc_cli.i18n import language
from aigc_cli.repl.command import Command, Suggestion
from aigc_cli.repl.commands.model import OFF
from aigc_cli.repl.session import Session
from aigc_cli.services.feedback import split_reasons


def vote(session: Session, value: Vote, argument: str) -> None:
    """Vote on the last answer on the way here, with reasons, or take the vote back."""
    answer = _answer(session)
    session.voted = True
    if argument.lower() in OFF:
        undone = session.feedback.undo(answer.id, value)
        session.screen.say(N_("took the vote back") if undone else N_("there was no such vote"))
        return
    known = session.app.reasons(answer.generator)
    voted = session.feedback.rate(answer.id, value, *split_reasons(argument, known))
    said = [_shown(tag, known) for tag in voted.rating.reasons]
    said += [f"“{words}”" for words in [voted.rating.note] if words]
    liked, disliked = N_("thumbs-up{why}; `/up off` takes it back"), N_("thumbs-down{why}; `/down off` takes it back")
    session.screen.say(liked if value > 0 else disliked, why=f" ({', '.join(said)})" if said else "")
    if voted.pair:
        session.screen.say(N_("it is preferred to the answer before it"))


def _answer(session: Session) -> Turn:
    answers = session.thread.answers()
    if not answers:
        raise UsageProblem(detail=N_("there is no answer yet to vote on"))
    return answers[-1]


def _shown(tag: str, known: Mapping[str, Texts]) -> str:
    """Return a reason as it is typed: in English its tag, in other languages what it means."""
    return known[tag].get(language(), tag) if language() != "en" and tag in known else tag


def _suggest_reasons(session: Session, argument: str) -> Iterable[Suggestion]:
    """Suggest the reasons that go with the last answer; those that begin with the word being typed."""
    answers = session.thread.answers()
    word = argument.replace("，", " ").replace("、", " ").replace(",", " ").rpartition(" ")[2]
    known = session.app.reasons(answers[-1].generator if answers else "")
    for tag, texts in known.items():
        shown = _shown(tag, known)
        if tag.startswith(word.lower()) or shown.startswith(word.lower()):
            yield Suggestion(shown, len(word), texts["en"] if shown == tag else tag)


_REASONS = N_("[REASONS | off]")
COMMANDS = [
    Command(
        "up",
        N_("like the last answer, for reasons or in your words"),
        lambda session, argument: vote(session, 1, argument),
        ("好", "赞", "like"),
        _REASONS,
        _suggest_reasons,
    ),
    Command(
        "down",
        N_("dislike the last answer, for reasons or in your words"),
        lambda session, argument: vote(session, -1, argument),
        ("差", "踩", "dislike"),
        _REASONS,
        _suggest_reasons,
    ),
]
