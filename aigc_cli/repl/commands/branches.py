"""Commands that move in the tree of a conversation. None of them takes anything out of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.text import N_
from aigc_cli.i18n import _
from aigc_cli.render.filter import excerpt
from aigc_cli.render.tree import draw_tree
from aigc_cli.repl.command import Command, Suggestion, number
from aigc_cli.repl.commands.conversations import SHORT_ID, show_last
from aigc_cli.repl.commands.model import suggest_models, suggest_turn_settings
from aigc_cli.repl.session import Session, read_setting

EXCERPT = 40  # characters


def tree(session: Session, argument: str) -> None:
    """Draw the conversation; a star marks the way to where the user is."""
    turns = session.thread.tree()
    if not turns:
        session.screen.say(N_("this conversation is still empty"))
        return
    for line in draw_tree(turns, {turn.id for turn in session.thread.path()}).splitlines():
        session.screen.row(line)
    session.screen.say(N_("`/resume ID` goes to a turn"))


def branch(session: Session, argument: str) -> None:
    """Go back to an earlier answer; what came after it stays in the tree."""
    if not argument:
        for index, question in enumerate(session.thread.questions(), 1):
            session.screen.row(f"{index:3} {_shortened(question)}")
        session.screen.say(N_("`/branch NUMBER` goes on after the answer to that question"))
        return
    session.thread.go_after(number(argument))
    session.screen.say(N_("your next message follows the answer to question {number}"), number=argument)


def step(session: Session, way: Literal[-1, 1]) -> None:
    """Go to the branch beside this one."""
    place = session.thread.step(way)
    if place is None:
        session.screen.say(N_("there is no earlier branch") if way < 0 else N_("there is no later branch"))
        return
    session.screen.say(N_("branch {position} of {count}"), position=place[0], count=place[1])
    show_last(session, 2)


def retry(session: Session, argument: str) -> None:
    """Answer the last question again, beside the answers it has."""
    model: str | None = None
    settings: dict[str, int | float] = {}
    for word in argument.split():
        if "=" in word:
            key, value = read_setting(session.app, word)
            settings[key] = value
        else:
            model = word
    session.retry(settings, model)
    position, count = session.thread.place()
    session.screen.say(N_("answer {position} of {count}; `/prev` shows the one before"), position=position, count=count)


def edit(session: Session, argument: str) -> None:
    """Put a question into the prompt; what is sent takes its place on a branch of its own."""
    question = session.thread.question(number(argument) if argument else None)
    session.editing = question
    session.prefill = question.text


def undo(session: Session, argument: str) -> None:
    """Go to before the last questions."""
    count = number(argument) if argument else 1
    if count < 1:
        raise UsageProblem(detail=N_("say how many questions to take back"))
    left = session.thread.tip
    question = session.thread.take_back(count)
    session.last = None
    if left:
        text = N_("back before “{text}”; `/resume {id}` undoes this")
        session.screen.say(text, text=_shortened(question), id=left.id[:SHORT_ID])


def suggest_questions(session: Session, argument: str) -> Iterable[Suggestion]:
    """Suggest the numbers of the questions."""
    for index, question in enumerate(session.thread.questions(), 1):
        if str(index).startswith(argument):
            yield Suggestion(str(index), len(argument), _shortened(question))


def _suggest_retry(session: Session, argument: str) -> Iterable[Suggestion]:
    yield from suggest_turn_settings(session, argument)
    yield from suggest_models(session, argument.rpartition(" ")[2])


def _shortened(turn: Turn) -> str:
    return excerpt(turn.text, EXCERPT) or _("(nothing)")


COMMANDS = [
    Command("tree", N_("draw this conversation with all its branches"), tree, ("树",)),
    Command(
        "branch",
        N_("go back to an earlier answer and on from there"),
        branch,
        ("分支",),
        N_("[QUESTION]"),
        suggest_questions,
    ),
    Command("prev", N_("go to the branch before"), lambda session, _: step(session, -1), ("上一个",)),
    Command("next", N_("go to the branch after"), lambda session, _: step(session, 1), ("下一个",)),
    Command(
        "retry",
        N_("answer the last question again; the old answer is kept"),
        retry,
        ("重写", "重试", "regenerate"),
        N_("[KEY=VALUE]… [MODEL]"),
        _suggest_retry,
    ),
    Command(
        "edit",
        N_("change a question and ask it again; the old one is kept"),
        edit,
        ("编辑", "修改"),
        N_("[QUESTION]"),
        suggest_questions,
    ),
    Command("undo", N_("go to before the last question"), undo, ("撤销",), N_("[COUNT]")),
]
