"""Line breaking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from aigc_cli.render.wrap import wrap

PARAGRAPHS = [
    "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少？这首诗写的是春天的早晨，诗人在鸟鸣声中醒来（没有听到雨声）。",
    "机器学习（Machine Learning）是人工智能的一个分支；它让计算机“从数据中学习”，而不是靠人写下每一条规则。",
    "他说：“你好！”她回答：“《红楼梦》你读过吗？”——“读过……很多遍。”",
    "使用Python 3.12的`asyncio`，我们可以在1秒内处理10,000个请求，CPU占用率只有50％，内存约200MB。",
    "价格是￥99.00（原价￥199.00），折扣50%！限时优惠，先到先得；售完为止。详情见https://example.com/very/long/path?x=1。",
    "「こんにちは」と彼は言った。それから、ゆっくりと歩き出した。ちょっと待って！",
    "The word “learning” appears here, and so does 中文, mixed with English (in parentheses) and 更多的中文。",
]
CLOSING = set("，。、；：？！）】》〉」』”’…％")
OPENING = set("（【《〈「『“‘￥")


def lines_of(text: str, width: int) -> list[str]:
    """Return the lines."""
    return [text[start:end] for start, end in wrap(text, width)]


@pytest.mark.parametrize("width", range(20, 61))
@pytest.mark.parametrize("text", PARAGRAPHS)
def test_lines_begin_and_end_as_they_should(text: str, width: int) -> None:
    """At every width lines fit, none starts with closing or ends with opening punctuation, and nothing is lost."""
    lines = lines_of(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert not [line for line in lines if line[0] in CLOSING]
    assert not [line for line in lines[:-1] if line[-1] in OPENING]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.text(alphabet="a学，（。“” …—-e\u0301😀\u200d", max_size=80), st.integers(2, 30))
def test_any_text_fits(text: str, width: int) -> None:
    """Whatever the text, lines are within the width, in order, and skip nothing but spaces."""
    end_before = 0
    for start, end in wrap(text, width):
        assert cell_len(text[start:end]) <= width
        assert not text[end_before:start].strip(" ")
        end_before = end
    assert not text[end_before:].strip(" ")


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("the quick brown fox", 10, ["the quick", "brown fox"]),
        ("a antidisestablishmentarianism", 10, ["a", "antidisest", "ablishment", "arianism"]),
        ("一二三四五，六", 10, ["一二三四", "五，六"]),
        ("一二三四“五六”", 10, ["一二三四", "“五六”"]),
        ("学习 Python 语言", 8, ["学习", "Python", "语言"]),
        ("一二三四——五", 10, ["一二三四——", "五"]),
        ("一二三四五——六", 11, ["一二三四五", "——六"]),
        ("I don’t stop", 6, ["I", "don’t", "stop"]),
        ("abcdefghij。", 10, ["abcdefghi", "j。"]),
        ("！！！！！！", 4, ["！！", "！！", "！！"]),
    ],
)
def test_where_lines_break(text: str, width: int, lines: list[str]) -> None:
    """Words stay whole if they fit, ideographs break anywhere, punctuation stays with what it belongs to."""
    assert lines_of(text, width) == lines
