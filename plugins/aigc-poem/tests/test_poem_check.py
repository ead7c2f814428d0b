"""The checks, on poems that people wrote."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from aigc_poem.checking import check_poem
from aigc_poem.english import rhyme, syllables
from aigc_poem.hanzi import sounds
from aigc_poem.verse import lines_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

POEMS = tomllib.loads((Path(__file__).parent / "english_poems.toml").read_text(encoding="utf-8"))["poems"]

DENG_GUAN_QUE_LOU = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"
FENG_QIAO_YE_BO = "月落乌啼霜满天，江枫渔火对愁眠。姑苏城外寒山寺，夜半钟声到客船。"
CHUN_WANG = "国破山河在，城春草木深。感时花溅泪，恨别鸟惊心。烽火连三月，家书抵万金。白头搔更短，浑欲不胜簪。"
DENG_GAO = """风急天高猿啸哀，渚清沙白鸟飞回。
无边落木萧萧下，不尽长江滚滚来。
万里悲秋常作客，百年多病独登台。
艰难苦恨繁霜鬓，潦倒新停浊酒杯。"""


def test_there_are_thirty_english_poems() -> None:
    """The poems that the checks are held against are as many as the documentation says."""
    assert len(POEMS) == 30


@pytest.mark.parametrize("poem", POEMS, ids=[poem["title"] for poem in POEMS])
def test_a_known_poem_is_judged_right(poem: dict[str, str]) -> None:
    """A poem of the public domain keeps to the form it is known for, but for one whose rhyme is no more."""
    check = check_poem(poem["text"], {"form": poem["form"], "head": poem.get("head")}, "en")
    assert check.problems == ((poem["fails"],) if "fails" in poem else ())


@pytest.mark.parametrize(
    ("form", "text"),
    [("wujue", DENG_GUAN_QUE_LOU), ("七绝", FENG_QIAO_YE_BO), ("wulv", CHUN_WANG), ("七律", DENG_GAO)],
)
def test_a_tang_poem_keeps_to_its_form(form: str, text: str) -> None:
    """Famous regulated poems pass under 平水韵, whether their lines are broken or not."""
    check = check_poem(text, {"form": form, "rhymes": "pingshui"}, "zh")
    assert check.valid, check.problems
    assert check.facts["scheme"]


def test_what_is_wrong_is_marked_under_the_character() -> None:
    """A level character in an oblique place is named, and marked two columns wide below its line."""
    check = check_poem(
        "白日依山尽，黄河入海流。欲穷千里目，更望一层楼。".replace("千里", "千家"),
        {"form": "五绝", "rhymes": "pingshui"},
        "zh",
    )
    assert check.problems == ("第 3 句第 4 字“家”应仄",)
    assert check.marked.splitlines()[3] == " " * 6 + "^^"


def test_the_lone_level_tone_has_its_name() -> None:
    """A line of 仄平仄仄平 is refused as 孤平, one of three level tones at the end as 三平尾."""
    lone = check_poem("白日依山尽，暮潮入海流。欲穷千里目，更上一层楼。", {"form": "五绝", "rhymes": "pingshui"}, "zh")
    triple = check_poem(
        "白日依山尽，黄河入海流。欲穷千里目，更上高高楼。", {"form": "五绝", "rhymes": "pingshui"}, "zh"
    )
    assert lone.problems == ("第 2 句犯孤平",)
    assert triple.problems == ("第 4 句三平尾",)


def test_rhymes_of_today_differ_from_those_of_tang() -> None:
    """回 rhymes with 来 under 平水韵 (十灰) and no longer does under 新韵, where 白 has become level."""
    today, tang = sounds("xinyun"), sounds("pingshui")
    assert tang.rhymes("回") & tang.rhymes("来")
    assert not today.rhymes("回") & today.rhymes("来")
    assert (today.tones("白"), tang.tones("白")) == ({"平"}, {"仄"})


@pytest.mark.parametrize(
    ("text", "valid"), [("风吹柳叶千条绿\n雨润桃花万点红", True), ("风吹柳叶千条绿\n雨润桃花万点绿", False)]
)
def test_a_couplet_is_opposed(text: str, valid: bool) -> None:
    """A 对联 whose tones are opposed passes, one that ends with the same character twice does not."""
    assert check_poem(text, {"form": "对联"}, "zh").valid is valid


def test_the_heads_of_an_acrostic_are_checked() -> None:
    """A 藏头诗 with other first characters is refused, and the character that is wrong is named."""
    check = check_poem("春眠不觉晓\n秋来闻啼鸟\n", {"form": "藏头诗", "head": "春夏"}, "en")
    assert "line 2 begins with 秋, not with 夏" in check.problems


def test_a_haiku_with_a_syllable_too_many_says_which_line() -> None:
    """The line is named with what it has, and marked as a whole."""
    check = check_poem(
        "The snow on the roof\nslides away with a soft thump\nand the old cat looks up", {"form": "haiku"}, "en"
    )
    assert check.problems == ("line 3 has 6 syllables, not 5",)
    assert check.marked.splitlines()[-1] == "^" * len("and the old cat looks up")
    assert check.facts["syllables"] == [5, 7, 6]


def test_the_meter_is_reported() -> None:
    """Iambic verse is recognised as such."""
    check = check_poem(POEMS[0]["text"], {"form": "sonnet"}, "en")
    assert str(check.facts["meter"]).startswith("iambic 9")
    assert check.notes == (f"rhymes ABABCDCDEFEFGG, meter {check.facts['meter']}",)


@pytest.mark.parametrize(
    ("word", "count"),
    [("banana", 3), ("thrumming", 2), ("moonlit", 2), ("smoorfed", 1), ("lampless", 2), ("kelpies", 2)],
)
def test_syllables_are_counted(word: str, count: int) -> None:
    """Words of the dictionary, and words that it does not have."""
    assert syllables(word)[0] == count


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("day", "may", True),
        ("glimmer", "shimmer", True),
        ("hear", "revere", True),
        ("free", "memory", True),
        ("love", "prove", True),
        ("lost", "most", True),
        ("cat", "dog", False),
        ("day", "day", False),
        ("slowly", "quickly", False),
        ("running", "singing", False),
    ],
)
def test_rhymes(first: str, second: str, expected: bool) -> None:
    """Perfect, light and eye rhymes are rhymes; the same word, and two unstressed endings, are not."""
    assert rhyme(first, second) is expected


@pytest.mark.parametrize("text", ["Title:\n\na\nb", "# Title\na\nb", "**Title**\na\nb", "a\nb", "《题》\na\nb"])
def test_a_title_is_no_line(text: str) -> None:
    """What stands above a poem does not count as verse."""
    assert lines_of(text) == ["a", "b"]


def test_nothing_is_no_poem() -> None:
    """An empty text is refused in every language, not crashed on."""
    assert not check_poem("\n", {"form": "haiku"}, "en").valid
    assert not check_poem("  ", {"form": "七律"}, "zh").valid
