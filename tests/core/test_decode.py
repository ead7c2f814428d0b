"""Bytes to text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_cli.core.decode import decode
from aigc_cli.core.errors import UndecodableInput

TEXT = st.text(st.characters(exclude_characters="\0\r\ufeff", exclude_categories=["Cs"]), max_size=60)


@given(TEXT)
def test_utf8_comes_back_as_it_was(text: str) -> None:
    """UTF-8, with or without its mark, decodes to the text that was encoded."""
    assert decode(text.encode("utf-8"), "x") == text
    assert decode(text.encode("utf-8-sig"), "x") == text


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-16", "utf-8"])
def test_chinese_is_read_in_every_encoding_in_which_it_comes(encoding: str) -> None:
    """The same sentence arrives from every encoding that is common for Chinese."""
    text = "机器学习，是人工智能的一个分支。"
    assert decode(text.encode(encoding), "x") == text


@pytest.mark.parametrize(
    "data", [b"\x00\x01\x02", b"\xff\xff\xff\xff", "你".encode() + b"\x00", b"\x89PNG\r\n\x1a\n\x00"]
)
def test_what_is_no_text_is_refused_by_name(data: bytes) -> None:
    """Binary data is refused, and the error says what was read."""
    with pytest.raises(UndecodableInput) as error:
        decode(data, "photo.png")
    assert "photo.png" in str(error.value)


def test_line_ends_become_newlines() -> None:
    """Windows and old Mac line ends are one newline each."""
    assert decode(b"a\r\nb\rc\n", "x") == "a\nb\nc\n"
