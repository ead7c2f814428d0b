"""The output filter."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_cli.render.filter import FORBIDDEN, OutputFilter, excerpt, one_line, sanitize

PIECES = r"\x1b [ ] \x1b[ \x1b]0; \x07 \x1b\\ \x9c P ^ \r \n \r\n 31m (B"
PIECES += r" \x9b \x90 \u202e \u2066 \u200f \ufeff \ud800 \0 \x7f \u5b66"
HOSTILE = st.lists(
    st.one_of(st.text(max_size=4), st.sampled_from(PIECES.encode().decode("unicode_escape").split(" "))), max_size=30
).map("".join)


def feed(chunks: list[str]) -> str:
    """Return what a filter makes of a text in these chunks."""
    text_filter = OutputFilter()
    return "".join([text_filter.feed(chunk) for chunk in chunks]) + text_filter.flush()


@given(HOSTILE, st.data())
def test_chunk_borders_make_no_difference(text: str, data: st.DataObject) -> None:
    """A text filtered in any chunks comes out as it does in one."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert feed(chunks) == sanitize(text)
    assert feed(list(text)) == sanitize(text)


@given(HOSTILE)
def test_nothing_forbidden_comes_out(text: str) -> None:
    """No control but newline and tab, no bidirectional control and no surrogate is left, whatever went in."""
    shown = sanitize(text)
    assert FORBIDDEN.search(shown) is None
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    assert not [
        c
        for c in shown
        if unicodedata.bidirectional(c) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    ]
    assert sanitize(shown) == shown


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"], include_characters="\n\t"), max_size=200))
def test_ordinary_text_is_unchanged(text: str) -> None:
    """Letters, marks, numbers, punctuation, symbols, spaces, newlines and tabs pass as they are."""
    assert sanitize(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("a\x1b[38:2::1:2:3mb", "ab"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]52;c;aGk=\x1b\\b", "ab"),
        ("a\x1b]8;;http://x\x9cb", "ab"),
        ("a\x1bPq#0\x1b\\b\x1b_x\x1b\\c\x1b^y\x1b\\d\x1bXz\x1b\\e", "abcde"),
        ("a\x1b(Bb\x1bcd\x1b7e", "abde"),
        ("a\x9b31mb", "a31mb"),
        ("one\r\ntwo\rthree\u2028four\u2029five", "one\ntwo\nthree\nfour\nfive"),
        ("user\u202egnp.exe", "usergnp.exe"),
        ("bell\x07 back\x08 null\x00 delete\x7f", "bell back null delete"),
        ("hi\U000e0049\U000e0047", "hi"),
        ("half \ud83d", "half \ufffd"),
        ("[red]int a[i] = b[0][/red] [/INST]", "[red]int a[i] = b[0][/red] [/INST]"),
        (
            "👨\u200d👩\u200d👧 ❤\ufe0f می\u200cخواهم 葛\U000e0100",
            "👨\u200d👩\u200d👧 ❤\ufe0f می\u200cخواهم 葛\U000e0100",
        ),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    """Each kind of control disappears, a complete sequence with all that belongs to it, and text stays."""
    assert sanitize(text) == shown


@pytest.mark.parametrize("start", ["\x1b]0;", "\x1bP", "\x1b[", "\x1b"])
def test_an_unterminated_sequence_swallows_nothing(start: str) -> None:
    """Of a sequence that never ends only ESC is lost: the answer after it is shown, and no more than 4 KiB late."""
    answer = "\nThe answer. " * 1000
    assert sanitize(start + answer) == start[1:] + answer
    one_long_line = "答" * 10_000
    text_filter = OutputFilter()
    assert len(text_filter.feed("\x1b]" + one_long_line)) == 10_001


def test_one_line() -> None:
    """A title becomes one line without controls, whatever whitespace it holds."""
    assert one_line("a\r\n\tb\x1b[2J\u2028 c ") == "a b c"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short", "short"),
        ("two\nlines", "two lines"),
        ("exactly ten", "exactly t…"),
        ("机器学习是人工智能的分支", "机器学习是人工智能…"),
        (" " * 100 + "far", "…"),
        ("a\x1b[31mb", "ab"),
    ],
)
def test_excerpts(text: str, shown: str) -> None:
    """An excerpt is one line, no longer than asked for, and says where it leaves something out."""
    assert excerpt(text, 10) == shown
