"""A title for a conversation, by the model that holds it."""

from __future__ import annotations

import threading

from aigc_cli.core.engine import Engine
from aigc_cli.core.events import TextDelta
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request, Sampling
from aigc_cli.templates.language import text_language

LONGEST = 60  # characters
_TOKENS = 24
_ASKED = {
    "en": "What is this conversation about? Answer with a title of three to six words, and nothing else.",
    "zh": "这段对话谈的是什么？只回答一个不超过十二个字的标题，不要写别的。",
}
_BEGUN = {"en": "Title:", "zh": "标题："}
_AROUND = " \t*#\"'“”‘’「」『』《》.。:："


def title_of(engine: Engine, request: Request, cancel: threading.Event) -> str:
    """Return a title in one line for a conversation; empty if ``cancel`` is set meanwhile, or the model has none.

    The conversation is gone on with, not quoted: so what the engine has evaluated of it is used, and still there for
    the next question.

    Args:
        engine: What holds the conversation.
        request: Holds the messages of the conversation, and the adapters that it was answered with.
        cancel: Stops the engine.

    Raises:
        EngineError: if the engine fails, or there is no room for a title.
    """
    language = text_language(request.messages[-1].content) or "en"
    begun = Message("assistant", _BEGUN[language])
    asked = Message("user", _ASKED[language])
    wanted = Request(
        messages=(*request.messages, asked, begun),
        sampling=Sampling(temperature=0),
        max_tokens=_TOKENS,
        stop=("\n",),
        adapters=request.adapters,
    )
    said = "".join(event.text for event in engine.generate(wanted, cancel) if isinstance(event, TextDelta))
    return "" if cancel.is_set() else _cleaned(said, asked.content)


def _cleaned(said: str, asked: str) -> str:
    """Return what was said without what models put around a title; nothing if it only repeats what they were asked."""
    title = " ".join(said.split()).strip(_AROUND)
    if title in asked:
        return ""
    return title if len(title) <= LONGEST else title[: LONGEST - 1].rstrip() + "…"
