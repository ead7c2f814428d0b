"""Telling Chinese from other text, and languages in file names."""

from __future__ import annotations

import pytest

from aigc_cli.templates.language import split_name, text_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("机器学习是什么？", "zh"),
        ("使用 Python 的 asyncio 库写一个 HTTP 服务器", "zh"),
        ("𠮷野家", "zh"),
        ("What does 学习 mean in English?", "en"),
        ("Où est la bibliothèque ?", "en"),
        ("これは日本語の文章です", None),
        ("한국어 문장입니다", None),
        ("12 + 30 = 42", None),
        ("", None),
    ],
)
def test_language_of_a_text(text: str, language: str | None) -> None:
    """Mixed text has the language most of its words are in; Japanese is not taken for Chinese."""
    assert text_language(text) == language


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("summarize", ("summarize", "")),
        ("summarize.zh", ("summarize", "zh")),
        ("commit-message.pt-BR", ("commit-message", "pt-BR")),
        ("摘要.zh", ("摘要", "zh")),
        ("a.b.zh", None),
        ("../x", None),
        ("a/b", None),
        (".zh", None),
        ("a\n", None),
        ("", None),
    ],
)
def test_file_names(stem: str, expected: tuple[str, str] | None) -> None:
    """A file name gives a name and a language, and no name can lead out of its folder."""
    assert split_name(stem) == expected
