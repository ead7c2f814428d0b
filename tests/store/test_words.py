"""What is found by which words."""

from __future__ import annotations

import pytest

from aigc_cli.store.words import Query, index_tokens, normalize


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("学习", "什么是机器学习？"),
        ("学", "机器学习"),
        ("习", "机器学习"),
        ("器学习", "机器学习"),
        ("機器 學習", "機器學習和深度學習"),
        ("𠮷野", "在𠮷野家"),
        ("〇〇", "二〇〇八年"),
        ("カナ", "ひらがなカタカナ"),
        ("ｶﾅ", "カタカナ"),
        ("한국", "나는한국어를배운다"),
        ("ไทย", "ภาษาไทยดี"),
        ("learn", "Machine LEARNING"),
        ("ＬＥＡＲＮ", "learning"),
        ("straße", "STRASSE"),
        ("C++", "用C++写"),
        ("c++", "C++17"),
        ("it's", "well, it's me"),
        ("foo-bar", "a foo-bar."),
        ("foo-ba", "a foo-bar."),
        ("a.b", "see a.b.c"),
        ("snake", "snake_case"),
        ("case", "snake_case"),
        ("🎉", "done🎉"),
        ("->", "f(x) -> y"),
        ('"quoted"', 'a "quoted" word'),
        ("NOT", "do not"),
        ("text:", "some text: more"),
        ("GPT模型", "这个gpt模型"),
        ("模型GPT", "大模型gpt-4"),
        ("中 a", "a中"),
        ("été", "l'e\u0301te\u0301"),
        ("नमस्ते", "कहो नमस्ते"),
    ],
)
def test_words_match_and_their_tokens_propose(query: str, text: str) -> None:
    """Words of any script and any ordinary punctuation are found where a reader sees them."""
    wanted = Query(query)
    tokens = index_tokens(text).split(" ")
    assert wanted.matches(text)
    for proposed in wanted.expression().split(" AND "):
        token = proposed.rstrip("*")[1:-1].replace('""', '"')
        assert any(t.startswith(token) if proposed.endswith("*") else t == token for t in tokens), proposed


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("学习", "学生练习"),
        ("学习", "学 习"),
        ("arn", "learning"),
        ("C++", "C and +"),
        ("foo-bar", "foo bar"),
        ("a.b", "ab"),
        ("cat dog", "cat"),
        ("foo*", "foobar"),
    ],
)
def test_what_is_not_there_does_not_match(query: str, text: str) -> None:
    """Pieces elsewhere in the text, the inside of a word and wildcards do not count."""
    assert not Query(query).matches(text)


def test_a_query_without_visible_text_proposes_nothing() -> None:
    """Spaces and control characters are nothing to search for."""
    assert Query("").expression() == Query(" \u3000\n").expression() == Query("\x00").expression() == ""


def test_a_pasted_page_makes_a_query_of_bounded_size() -> None:
    """A query of thousands of words still has few tokens, as FTS5 refuses long expressions."""
    assert Query(" ".join(f"word{i}" for i in range(5000))).expression().count(" AND ") < 40


def test_long_words_are_indexed_by_their_beginning() -> None:
    """Encoded data does not fill the index, and can be found all the same."""
    data = "QUJD" * 5000
    assert len(index_tokens(data)) < 100
    assert Query(data[:100]).expression().startswith('"' + normalize(data[:64]))
