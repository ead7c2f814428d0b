"""Writing poems: what the flow asks for, and that the starter model keeps to the forms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from aigc_poem import aigc_templates
from aigc_poem.chinese_grammar import rhymes_of, tone_class
from aigc_poem.english_grammar import line_grammar
from aigc_poem.generator import POEM
from aigc_poem.patterns import schemes
from aigc_poem.regulated import check_regulated

from aigc_cli.api import Complete, Engine, UsageProblem
from aigc_cli.testing import open_model, play, play_on

(TEMPLATES,) = aigc_templates()


@pytest.fixture(scope="module")
def engine(starter: Path) -> Iterator[Engine]:
    """Give the starter model."""
    opened = open_model(starter)
    yield opened
    opened.close()


@pytest.mark.parametrize(("width", "count"), [(5, 4), (7, 4), (5, 8), (7, 8)])
def test_what_a_grammar_allows_passes_the_check(width: int, count: int) -> None:
    """A poem of characters drawn from the classes of the patterns, in each scheme, has no fault."""
    from aigc_poem.hanzi import sounds

    rhymes = rhymes_of("xinyun")["十唐"]
    for scheme in schemes(width, count):
        for choice in (0, -1):
            lines = []
            for at in range(count):
                pattern = scheme.taught(at)[choice]
                ending = rhymes[at] if at in scheme.rhyming else tone_class("xinyun", pattern[-1])[at]
                lines.append("".join(tone_class("xinyun", tone)[at] for tone in pattern[:-1]) + ending)
            faults, facts = check_regulated(lines, width, count, sounds("xinyun"), "en")
            assert not faults
            assert facts["scheme"] == scheme.name


@pytest.mark.parametrize("form", ["五绝", "七律", "藏头诗", "对联"])
def test_chinese_forms_hold(engine: Engine, form: str) -> None:
    """A model that knows no Chinese still writes tones, rhymes and first characters right: the grammar holds them."""
    options = {"form": form, "head": "花好月圆" if form == "藏头诗" else None}
    made = play_on(
        engine, POEM, "秋夜", options=options, language="zh", seed=2, candidates=1, templates=TEMPLATES
    ).artifact
    assert made.check.valid, (made.text, made.check.problems)


def test_tang_rhymes_hold_as_well(engine: Engine) -> None:
    """Under 平水韵, with a rhyme the user names, every rhyme is of it."""
    options = {"form": "wujue", "rhymes": "pingshui", "rhyme": "七阳"}
    made = play_on(
        engine, POEM, "秋夜", options=options, language="zh", seed=2, candidates=1, templates=TEMPLATES
    ).artifact
    assert made.check.valid, (made.text, made.check.problems)
    assert made.check.facts["rhyme"] == "七阳"


@pytest.mark.parametrize("form", ["haiku", "limerick"])
def test_english_forms_hold(engine: Engine, form: str) -> None:
    """Syllables are counted and rhymes kept by the starter model."""
    made = play_on(engine, POEM, "the ocean", options={"form": form}, seed=3, templates=TEMPLATES).artifact
    assert made.check.valid, (made.text, made.check.problems)


def test_a_faulty_line_is_drawn_again_with_the_others_fixed() -> None:
    """Of a haiku whose second line no draft hits, only that line is asked for again, with twice the drafts."""
    texts = ["The snow on the roof", "is soft", "and the cat looks up", "slides", "slides away with a soft thump"]
    played = play(POEM, "snow", texts, options={"form": "haiku"}, candidates=1, templates=TEMPLATES)
    assert played.artifact.text == "The snow on the roof\nSlides away with a soft thump\nAnd the cat looks up"
    assert played.artifact.check.valid
    asked = [step.request for step in played.steps if isinstance(step, Complete)]
    assert [request.candidates for request in asked] == [1, 1, 1, 2]
    assert asked[3].messages[-1].content == "The snow on the roof\n"


def test_what_cannot_be_mended_is_returned_with_what_is_wrong() -> None:
    """When no draft ever fits, the flow ends, and the check says so."""
    texts = ["snow"] * (3 + 4 * 3 * 2)
    played = play(POEM, "snow", texts, options={"form": "haiku"}, candidates=1, templates=TEMPLATES)
    assert not played.artifact.check.valid
    assert len(played.artifact.check.problems) == 3


def test_free_verse_is_the_likeliest_draft() -> None:
    """A poem without a form is drawn as a whole."""
    played = play(POEM, "snow", ["white\ncold", "soft"], options={"form": "free"}, candidates=2, templates=TEMPLATES)
    assert played.artifact.text == "white\ncold"
    assert played.artifact.check.valid


def test_a_line_may_end_with_its_rhymes_only() -> None:
    """The rhymes of a grammar share their beginnings, and none of them is lost."""
    grammar = line_grammar((7, 10), "", ["day", "days", "dawn", "may", "m"])
    assert 'rhyme ::= " " ("d" ("a" ("w" ("n") | "y" ("s")?)) | "m" ("ay")?)' in grammar


@pytest.mark.parametrize(
    ("options", "topic"),
    [
        ({"form": "藏头诗"}, "春"),
        ({"form": "acrostic"}, "春"),
        ({"form": "对联", "upper": "春"}, "春"),
        ({"form": "五绝", "rhyme": "无"}, "春"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, str], topic: str) -> None:
    """Too few heads, too short a line and an unknown rhyme are named before anything is written."""
    with pytest.raises(UsageProblem):
        play(POEM, topic, [], options=options, language="zh", templates=TEMPLATES)
