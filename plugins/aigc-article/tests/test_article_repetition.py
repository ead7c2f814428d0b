"""What has been said before."""

from __future__ import annotations

from collections import Counter

from aigc_article.repetition import MOST, SIZE, Said
from aigc_article.text import units
from hypothesis import given
from hypothesis import strategies as st

A = "Trees cool the streets of a city in summer and clean its air."
SENTENCES = st.lists(st.text("ab", min_size=1, max_size=1), min_size=1, max_size=30).map(lambda w: " ".join(w) + ". ")
PARTS = st.lists(st.lists(SENTENCES, min_size=1, max_size=5).map("".join), max_size=6)


def test_a_sentence_is_not_said_again() -> None:
    """Neither the same sentence nor one that is mostly the same gets through; the share of the text says how much."""
    said = Said(A)
    text, share = said.fresh(f"Birds nest in them. {A} In fact, {A[0].lower()}{A[1:]}")
    assert text == "Birds nest in them."
    assert 0.8 < share < 0.9
    assert said.fresh("Birds nest in them.") == ("Birds nest in them.", 0.0)


def test_an_abstract_may_say_again_what_was_said_once() -> None:
    """But not what was said twice."""
    said = Said(A)
    assert said.fresh(A, again=True)[0] == A
    said.add(A)
    assert said.fresh(A, again=True)[0] == ""


def test_chinese_is_compared_by_characters() -> None:
    """Punctuation and the breaks between words make no difference."""
    said = Said("城市种树可以为街道降温，也能净化空气。")
    assert said.fresh("城市种树，可以为街道降温也能净化空气！鸟在树上筑巢。")[0] == "鸟在树上筑巢。"


@given(PARTS)
def test_no_eight_units_stand_more_than_twice(parts: list[str]) -> None:
    """Whatever is written, part after part, counting across the ends of sentences and of parts."""
    said, written = Said("A title"), ["A title"]
    for part in parts:
        fresh, _ = said.fresh(part)
        said.add(fresh)
        written.append(fresh)
    run = units("\n".join(written))
    grams = Counter(tuple(run[i : i + SIZE]) for i in range(len(run) - SIZE + 1))
    assert max(grams.values(), default=0) <= MOST
    assert said.worst()[0] == max(grams.values(), default=0)
