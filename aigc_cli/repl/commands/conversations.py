"""Commands that go from one conversation to another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.text import N_
from aigc_cli.i18n import _
from aigc_cli.render.filter import one_line
from aigc_cli.repl.command import Command, Suggestion, number
from aigc_cli.repl.session import Session

LISTED = 20
SHORT_ID = 14  # characters: the time, and enough of the random part to name one in practice
SHOWN_TURNS = 4
MOST_LINES = 8  # of a question that is shown again
MOST_CHARACTERS = 600
LEAD = 12  # characters shown before the first word that was searched for

ROLES = {"system": N_("system"), "user": N_("user"), "assistant": N_("assistant")}
STATUSES = {"streaming": N_("unfinished"), "interrupted": N_("interrupted"), "failed": N_("failed")}


def new(session: Session, argument: str) -> None:
    """Begin another conversation; what follows the command is its system prompt."""
    session.thread.begin()
    session.last = None
    if argument:
        session.system = argument
    session.screen.say(N_("a new conversation begins with your next message"))


def resume(session: Session, argument: str) -> None:
    """Go to a conversation or turn, or list those there are."""
    if not argument:
        _list(session)
        return
    if argument.isdecimal() and len(argument) <= len(str(LISTED)):
        conversations = session.thread.store.list_conversations(LISTED)
        chosen = number(argument)
        if not 1 <= chosen <= len(conversations):
            raise UsageProblem(detail=N_("`/resume` lists the conversations with their numbers"))
        argument = conversations[chosen - 1].id
    session.go_on(argument)
    session.last = None
    show_last(session, SHOWN_TURNS)


def show_last(session: Session, count: int) -> None:
    """Show the last turns on the way here, so that the user sees where the conversation is."""
    path = session.thread.path()
    if len(path) > count:
        session.screen.say(N_("{count} earlier turns; `/history` shows all"), count=len(path) - count)
    _show(session, path[-count:], whole=False)


def history(session: Session, argument: str) -> None:
    """Show the conversation, or its last turns."""
    path = session.thread.path()
    if not path:
        session.screen.say(N_("this conversation is still empty"))
    _show(session, path[-number(argument) :] if argument else path)


def search(session: Session, argument: str) -> None:
    """List the turns that have all these words."""
    found = session.thread.store.search(argument, LISTED)
    if not found:
        session.screen.say(N_("nothing found"))
    rows = [
        {
            "id": turn.id[:SHORT_ID],
            "time": when(turn.created),
            "role": _(ROLES[turn.role]),
            "text": _excerpt(turn, argument.split()),
        }
        for turn in found
    ]
    session.screen.table(rows, {"id": N_("id"), "time": N_("time"), "role": N_("role"), "text": N_("text")})
    if found:
        session.screen.say(N_("`/resume ID` goes there"))


def suggest_conversations(session: Session, argument: str) -> Iterable[Suggestion]:
    """Suggest conversations whose id begins with the argument, or whose title has it."""
    for conversation in session.thread.store.list_conversations(LISTED):
        title = one_line(conversation.title)
        if conversation.id.startswith(argument.lower()) or argument.lower() in title.lower():
            yield Suggestion(conversation.id[:SHORT_ID], len(argument), title)


def local(created: str) -> str:
    """Return a time in the zone of the user."""
    return datetime.fromisoformat(created).astimezone().strftime("%Y-%m-%d %H:%M")


def when(created: str) -> str:
    """Return a time in the zone of the user as a list shows it: the time of today, the date of any other day."""
    day, time = local(created).split()
    return time if day == datetime.now().astimezone().strftime("%Y-%m-%d") else day


def heading(turn: Turn) -> str:
    """Return a line that says whose turn it is, of when, and whether it is whole."""
    status = f"[{_(STATUSES[turn.status])}]" if turn.status in STATUSES else ""
    return " · ".join(filter(None, [_(ROLES[turn.role]), local(turn.created), Path(turn.model).name, status]))


def _list(session: Session) -> None:
    conversations = session.thread.store.list_conversations(LISTED)
    if not conversations:
        session.screen.say(N_("there is no conversation yet"))
        return
    rows = [
        {"number": i, "title": c.title, "turns": c.turns, "updated": when(c.updated)}
        for i, c in enumerate(conversations, 1)
    ]
    columns = {"number": "#", "title": N_("title"), "turns": N_("turns"), "updated": N_("last turn")}
    session.screen.table(rows, columns)
    session.screen.say(N_("`/resume NUMBER` goes on with one"))


def shortened(text: str) -> str:
    """Return the beginning of a text of many lines or characters."""
    lines = text[:MOST_CHARACTERS].splitlines()[:MOST_LINES]
    short = "\n".join(lines)
    return short if len(short) >= len(text.rstrip("\n")) else f"{short} …"


def _show(session: Session, turns: Sequence[Turn], *, whole: bool = True) -> None:
    for turn in turns:
        session.screen.heading(heading(turn))
        if turn.role == "assistant":
            session.screen.message(turn.text)
        else:
            session.screen.prose(turn.text if whole else shortened(turn.text))
        session.screen.gap()


def _excerpt(turn: Turn, words: Sequence[str]) -> str:
    text = one_line(turn.text)
    found = [at for at in (text.lower().find(word.lower()) for word in words) if at >= 0]
    start = max(0, min(found, default=0) - LEAD)
    return ("…" if start else "") + text[start:]


COMMANDS = [
    Command("new", N_("begin another conversation"), new, ("新", "新对话", "clear"), N_("[SYSTEM PROMPT]")),
    Command(
        "resume",
        N_("go on with a conversation, or list them"),
        resume,
        ("继续", "load"),
        N_("[NUMBER | ID]"),
        suggest_conversations,
    ),
    Command("history", N_("show this conversation, or its last turns"), history, ("历史", "log"), N_("[COUNT]")),
    Command("search", N_("find turns of all conversations"), search, ("搜索", "find"), N_("WORDS")),
]
