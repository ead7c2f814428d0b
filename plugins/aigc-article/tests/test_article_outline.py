"""Outlines."""

from __future__ import annotations

import pytest
from aigc_article.outline import Outline, Section, parse, pooled


@pytest.mark.parametrize(
    "text",
    [
        "# Trees\n\n## Shade\n- cools streets\n- cools houses\n## Air\n* catches dust\n",
        "# **Trees**\n1. Shade\n   - cools streets\n   - cools houses\n2) Air\n   catches dust\n",
    ],
)
def test_headings_and_numbers_begin_sections(text: str) -> None:
    """Points are lists or indented lines; a first heading of the first level is the title."""
    shade, air = Section("Shade", ("cools streets", "cools houses")), Section("Air", ("catches dust",))
    assert parse(text) == Outline((shade, air), "Trees")


def test_an_outline_that_was_written_is_read_as_it_was() -> None:
    """What the user gets to edit says all that there is."""
    outline = Outline((Section("树荫", ("为街道降温",)), Section("空气")), "城市的树")
    assert parse(outline.markdown()) == outline
    assert parse("一、树荫\n- 为街道降温\n二、空气").sections == outline.sections


def test_the_best_of_several_drafts_are_put_together() -> None:
    """The longest draft comes first, others fill it up; repetition, numbers and noise go, a conclusion stays last."""
    lines = ("## Section 1: Shade", "- cools streets", "- cools streets", "## Conclusion", "## SHADE", "## Part 2")
    lines += ("## Hives",)
    full = parse("\n".join(lines))
    other = parse("## Shade of trees\n## XKCDQWERTYUIOPASDFGHJKLZ\n## Clean air\n- catches dust")
    found = pooled([other, full], 4, "## Hives")
    assert [section.heading for section in found.sections] == ["Shade", "Shade of trees", "Clean air", "Conclusion"]
    assert found.sections[0].points == ("cools streets",)
    assert len(pooled([other, full], 2).sections) == 2
