"""Voting in the chat, on the echo engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from echo_chat import Chat
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from aigc_cli import i18n
from aigc_cli.core.feedback import Rating
from aigc_cli.repl.prompt import CommandCompleter


def rating(chat: Chat) -> Rating | None:
    """Return the vote on the last answer."""
    return chat.session.thread.store.feedback.rating(chat.path[-1].id)


@pytest.mark.parametrize(
    ("line", "value", "reasons", "note"),
    [
        ("+", 1, (), ""),
        ("－", -1, (), ""),
        ("/up", 1, (), ""),
        ("／好", 1, (), ""),
        ("/踩", -1, (), ""),
        ("- too-long", -1, ("too-long",), ""),
        ("- Too long, wrong: he never said so", -1, ("too-long", "wrong"), "he never said so"),
        ("－\u3000太长、看不懂，没意思", -1, ("too-long", "unclear"), "没意思"),
        ("/up too-longish", 1, (), "too-longish"),
    ],
)
def test_a_line_votes_on_the_last_answer(
    chat: Chat, line: str, value: int, reasons: tuple[str, ...], note: str
) -> None:
    """Signs and commands, also full-width and Chinese ones, vote with reasons in any language and the user's words."""
    chat.do("cats", line)
    given = rating(chat)
    assert given is not None
    assert (given.value, given.reasons, given.note) == (value, reasons, note)
    assert chat.texts == ["cats", "cats"]


def test_a_vote_is_shown_and_taken_back(chat: Chat) -> None:
    """The chat says what it noted and how to take it back."""
    chat.do("cats")
    assert "thumbs-up (clear, “nice”); `/up off` takes it back" in chat.do("+ clear nice")
    assert "no such vote" in chat.do("/down off")
    assert "took the vote back" in chat.do("/up off")
    assert rating(chat) is None


def test_before_an_answer_a_sign_with_words_is_a_message(chat: Chat) -> None:
    """Nothing can be voted on yet, so what begins like an item of a list is asked; a lone sign sends nothing."""
    assert "no answer yet" in chat.do("+")
    assert chat.path == []
    chat.do("- one item")
    assert chat.texts == ["- one item", "- one item"]
    chat.do("//- another item")
    assert chat.texts[2:] == ["- another item", "- another item"]


def test_liking_the_answer_of_a_retry_makes_a_pair(chat: Chat) -> None:
    """`/retry` and `+` say that the new answer is better than the old one."""
    chat.do("cats")
    old = chat.path[-1].id
    chat.do("/retry temperature=1.2")
    assert "preferred to the answer before it" in chat.do("+")
    (pair,) = chat.session.thread.store.feedback.pairs()
    assert (pair.chosen, pair.rejected, pair.origin) == (chat.path[-1].id, old, "retry")


def test_how_to_vote_is_told_until_it_is_known(open_chat: Callable[..., Chat]) -> None:
    """A hint follows the first answer and the eleventh, and none comes after a vote."""
    chat = open_chat()
    shown = [("+ likes this answer" in chat.do(f"question {n}")) for n in range(12)]
    assert shown == [True, *[False] * 9, True, False]
    chat = open_chat()
    chat.do("cats", "+")
    assert not any("+ likes this answer" in chat.do(f"question {n}") for n in range(12))


def test_what_is_done_with_an_answer_is_noted_beside_the_votes(chat: Chat, tmp_path: Path) -> None:
    """Saving, retrying and changing the question leave a signal each, and no vote; the setting ends it."""
    chat.do("cats", f"/save {tmp_path / 'answer.txt'}")
    saved = chat.path[-1].id
    chat.do("/retry")
    retried = chat.path[-1].id
    chat.do("/edit")
    chat.session.say("dogs")
    feedback = chat.session.thread.store.feedback
    noted = [(saved, "saved"), (saved, "retried"), (retried, "edited")]
    assert [(signal.turn, signal.kind) for signal in feedback.signals()] == noted
    assert list(feedback.ratings()) == []
    chat.app.override_setting("signals", "false")
    chat.do("/retry")
    assert len(feedback.signals()) == len(noted)


@pytest.mark.parametrize(
    ("language", "typed", "expected"),
    [
        ("en", "+ cle", "clear"),
        ("en", "- clear, too-l", "too-long"),
        ("zh", "－\u3000太", "太长"),
        ("zh", "/差 看", "看不懂"),
    ],
)
def test_reasons_are_completed(chat: Chat, language: str, typed: str, expected: str) -> None:
    """After a sign or a command, the last word is completed to a reason as the user's language has it."""
    before = i18n.language()
    i18n.use(language)
    try:
        found = CommandCompleter(chat.session).get_completions(Document(typed), CompleteEvent())
        assert expected in [completion.text for completion in found]
    finally:
        i18n.use(before)
