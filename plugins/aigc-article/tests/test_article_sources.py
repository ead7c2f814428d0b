"""Sources, and quotes from them."""

from __future__ import annotations

from aigc_article.sources import Library, Quotes, passages
from aigc_article.text import length
from hypothesis import given
from hypothesis import strategies as st

SOURCE = "Mary wrote: “The sea was a wall of iron that night.” The lamp burned oil. 她说：「海像铁墙一样压来」。"


@given(st.lists(st.integers(1, 60), max_size=60))
def test_passages_hold_the_whole_source(sizes: list[int]) -> None:
    """No sentence is lost, and none but a single long one makes a passage longer than a paragraph."""
    source = " ".join(f"{' '.join(['Word'] * size)}." for size in sizes)
    found = passages([source])
    assert " ".join(found) == source
    assert all(length(passage) <= 120 for passage in found)


def test_the_nearest_passages_that_fit_are_chosen() -> None:
    """They keep their order; one that is too long for what is left is passed over for the next."""
    library = Library(("a", "b" * 50, "c", "d"), ((1.0, 0.0), (0.9, 0.1), (0.8, 0.2), (0.0, 1.0)))
    assert library.chosen((1.0, 0.0), 2, len) == ["a", "c"]
    assert library.chosen((0.0, 1.0), 1, len) == ["d"]


def test_a_quote_has_to_be_in_a_source() -> None:
    """Case, punctuation and kind of quotation marks do not matter; short names in marks are not looked for."""
    quotes = Quotes([SOURCE])
    text = (
        'She said, "the sea was a wall of iron". The “Corinna” sank. “I was never afraid of it,” he said. 「海像铁墙」'
    )
    assert quotes.checked(text) == (3, ["I was never afraid of it,"])


def test_a_sentence_with_a_false_quote_goes() -> None:
    """So does every sentence that the quote runs through; the others stay."""
    quotes = Quotes([SOURCE])
    text = 'It is tall. He said: "I was afraid. I ran away." It is old.\n\n她说：“我从来不怕大海。”灯亮着。'
    kept, removed = quotes.without_false(text)
    assert kept == "It is tall. It is old.\n\n灯亮着。"
    assert removed == ["I was afraid. I ran away.", "我从来不怕大海。"]
