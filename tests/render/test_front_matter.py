"""Front matter of Markdown texts."""

from __future__ import annotations

import pytest

from aigc_cli.render.document import text_page
from aigc_cli.render.front_matter import without_front_matter


def test_a_page_shows_the_text_alone() -> None:
    """The front matter of an article is no part of the page that is made of it."""
    page = text_page("Trees", '---\ntitle: "Trees: a story"\nlang: "en"\n---\n\n# Trees\n')
    assert "a story" not in page
    assert "<h1>Trees</h1>" in page


@pytest.mark.parametrize(
    "text", ["---\n\nA rule above.\n", "---\nno pairs\n---\n", "a: b\n---\n", "# A\n---\na: b\n---\n"]
)
def test_rules_and_headings_stay(text: str) -> None:
    """Only pairs between two rules at the beginning are front matter."""
    assert without_front_matter(text) == text
