"""What becomes unreadable in a dataset, and what does not."""

from __future__ import annotations

import pytest

from aigc_cli.feedback.redaction import Redaction


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to bob.x+y@mail.example.com!", "write to [email]!"),
        ("邮箱是a@b.cn，电话13812345678。", "邮箱是[email]，电话[phone]。"),
        ("call +49 170 1234567 or (415) 555-1212 or 020-12345678", "call [phone] or [phone] or [phone]"),
        ("key sk-abcdefghijklmnop1234 and AKIAABCDEFGHIJKLMNOP", "key [key] and [key]"),
        ("password: hunter2, 密码：abc123", "password: [key] 密码：[key]"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- end", "[key] end"),
        ("d41d8cd98f00b204e9800998ecf8427e", "[key]"),
        ("see /home/me/notes.txt, ~/a/b and C:\\Users\\me\\x.doc", "see [path], [path] and [path]"),
    ],
)
def test_what_has_the_form_of_a_secret_goes(text: str, expected: str) -> None:
    """Addresses, numbers, keys and paths are replaced, in English and in Chinese text."""
    assert Redaction().apply(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "on 2026-11-24 at 12:30, version 1.2.3, 1234567890123 items, 3.14159265358979",
        "https://example.org/home/page and and/or 1/2",
        "accommodation accessibility deadbeef",
        "a token of thanks; the secret of success; ~ and /",
    ],
)
def test_what_only_looks_a_little_like_one_stays(text: str) -> None:
    """Dates, numbers, web addresses and words are left alone."""
    assert Redaction().apply(text) == text


def test_what_was_found_is_counted_once() -> None:
    """The counts add up over texts, and a text that was redacted has nothing more to find."""
    redaction = Redaction()
    text = redaction.apply("me@example.org, you@example.org, token=abc")
    assert redaction.counts == {"email": 2, "key": 1}
    assert redaction.apply(text) == text
    assert sum(redaction.counts.values()) == 3
