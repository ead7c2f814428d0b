"""What to do with a question that does not fit the context: the user is told what would go, and chooses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aigc_cli.core.errors import ContextOverflow
from aigc_cli.core.text import N_
from aigc_cli.i18n import _, ngettext
from aigc_cli.render.filter import excerpt

if TYPE_CHECKING:
    from aigc_cli.core.conversation import Turn
    from aigc_cli.repl.session import Session
    from aigc_cli.services.chat import ChatService, Question

EXCERPT = 40  # characters


def choose(session: Session, service: ChatService, question: Question, error: ContextOverflow) -> Question | None:
    """Return the question as the user wants it asked, or None if it is not to be asked.

    Raises:
        ContextOverflow: if nothing that could be left out would make it fit.
    """
    gone = service.excess(question)
    if not gone:
        raise error
    tokens = session.app.loader.engine().count(gone)
    first = excerpt(gone[0].content, EXCERPT)
    text = ngettext(
        "The context holds {context} tokens, and with your message the conversation takes {needed}: there is no room "
        "for an answer. "
        "The oldest message would have to go ({tokens} tokens): “{first}”",
        "The context holds {context} tokens, and with your message the conversation takes {needed}: there is no room "
        "for an answer. "
        "The {count} oldest messages would have to go ({tokens} tokens), from “{first}”",
        len(gone),
    )
    choices = {
        "c": _("cancel"),
        "d": _("drop them from what the model sees"),
        "s": _("summarize them"),
        "b": _("branch: ask without the conversation so far"),
    }
    match session.choose(text.format(**error.params, count=len(gone), tokens=tokens, first=first), choices):
        case "d":
            return replace(question, overflow="drop")
        case "s":
            session.screen.say(N_("summarizing…"))
            return replace(question, overflow="summarize")
        case "b":
            return replace(question, follows=_system_turn(session), asked=None)
    return None


def _system_turn(session: Session) -> Turn | None:
    path = session.thread.path()
    return path[0] if path and path[0].role == "system" else None
