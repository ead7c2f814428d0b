"""From the bytes of tokens to text that may be shown."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from aigc_cli.engine.llama.text import AnswerText

ALPHABET = st.text(alphabet="ab学习😀\n", max_size=40)


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    places = sorted({min(place, len(data)) for place in places} | {0, len(data)})
    return [data[a:b] for a, b in itertools.pairwise(places)]


@given(ALPHABET, st.lists(st.integers(0, 100)))
def test_text_survives_any_cutting(text: str, places: list[int]) -> None:
    """However the bytes of a text are cut into tokens, the same text comes out, in whole characters."""
    answer = AnswerText()
    shown = [answer.add(piece) for piece in _cut(text.encode(), places)] + [answer.finish()]
    assert "".join(shown) == text
    assert all("\ufffd" not in part for part in shown)


@given(
    ALPHABET, st.lists(st.integers(0, 100)), st.lists(st.text(alphabet="ab学\n", min_size=1, max_size=4), max_size=3)
)
def test_nothing_of_a_stop_string_is_shown(text: str, places: list[int], stops: list[str]) -> None:
    """What is shown ends exactly before the first stop string to be complete, and is the whole text without one."""
    answer = AnswerText(stops)
    shown = ""
    for piece in _cut(text.encode(), places):
        shown += answer.add(piece)
        if answer.stopped:
            break
    shown += answer.finish()
    assert text.startswith(shown)
    assert not any(stop in shown for stop in stops)
    if answer.stopped:
        assert any(text[len(shown) :].startswith(stop) for stop in stops)
    else:
        assert shown == text


def test_an_unfinished_character_is_left_out() -> None:
    """An answer cut inside a character ends before it."""
    answer = AnswerText()
    assert answer.add("好".encode() + "的".encode()[:2]) + answer.finish() == "好"


def test_bytes_that_are_no_text_are_replaced() -> None:
    """A byte that cannot be part of UTF-8 becomes the replacement character, and the text goes on."""
    answer = AnswerText()
    assert answer.add(b"a\xffb") == "a\ufffdb"
