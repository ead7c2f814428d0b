"""Counting, splitting, cleaning and cutting text."""

from __future__ import annotations

import pytest
from aigc_article.text import balanced, clipped, cut, length, paragraphs, prose, sentences
from hypothesis import given
from hypothesis import strategies as st

WORDS = st.text("abc Δé中文，。.!? \n“”", max_size=200)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("It's a well-known fact: 3.5 km.", 6),
        ("城市为什么种树？", 7),
        ("用 GPU 训练 3 天。", 6),
        ("…—。", 0),
        ("カナ", 2),
    ],
)
def test_a_word_or_a_chinese_character_is_a_unit(text: str, units: int) -> None:
    """Punctuation does not count; a word of another script in a Chinese text is one unit."""
    assert length(text) == units


def test_sentences_end_where_a_reader_would_end_them() -> None:
    """Abbreviations and numbers end none; closing quotation marks belong to the sentence before them."""
    text = 'Dr. Lee paid 3.5 euros. "Too much!" she said. Was it? 他说：“很好。”然后走了……真的。'
    found = [sentence.strip() for sentence in sentences(text)]
    assert found[:2] == ["Dr. Lee paid 3.5 euros.", '"Too much!"']
    assert found[-3:] == ["他说：“很好。”", "然后走了……", "真的。"]


@given(WORDS)
def test_sentences_leave_nothing_out(text: str) -> None:
    """Put together again, the sentences are the paragraph, whatever the paragraph is."""
    for paragraph in paragraphs(text):
        assert "".join(sentences(paragraph)) == paragraph


def test_what_is_around_the_prose_goes() -> None:
    """Preambles, headings, marks of lists, markup, remarks to the user and an unfinished end are left out."""
    draft = (
        "Sure, here is the section:\n\n## Shade\n\n- **Trees** cool streets.\n2. They drink.\n\nI hope this helps! A"
    )
    assert prose(draft) == "Trees cool streets.\n\nThey drink."
    assert prose("好的，以下是正文：\n\n树木为街道降温。希望对你有帮助。夏天") == "树木为街道降温。"


def test_a_quotation_mark_that_has_lost_its_other_goes() -> None:
    """Pairs stay; nothing else is changed."""
    assert balanced('He said "yes" and "no.\n\n他说：“好。') == 'He said "yes" and no.\n\n他说：好。'
    assert balanced("“One” two” 「三」") == "“One two” 「三」"


@given(st.lists(st.integers(1, 30), min_size=1, max_size=20), st.integers(1, 200))
def test_a_cut_ends_a_sentence_nearest_to_the_target(sizes: list[int], target: int) -> None:
    """No other number of whole sentences comes nearer to the length that is wanted; none at all counts too."""
    text = " ".join(f"{' '.join(['Word'] * size)}." for size in sizes)
    reachable = [sum(sizes[:count]) for count in range(len(sizes) + 1)]
    assert abs(length(cut(text, target)) - target) == min(abs(size - target) for size in reachable)


def test_a_long_line_ends_at_a_clause() -> None:
    """Where no clause ends in the second half of the line, it ends after a word."""
    assert clipped("Shade for the streets, which people like on hot days", 6) == "Shade for the streets"
    assert clipped("树荫为街道降温。", 20) == "树荫为街道降温"
    assert clipped("one two three four", 2) == "one two"
