"""What a line means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_cli.repl.line import Call, Judge, Line, Run, Say, parse


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("hello", Say("hello")),
        (".NET 是什么", Say(".NET 是什么")),
        ("//usr/bin", Say("/usr/bin")),
        ("／／帮助", Say("／帮助")),
        ("//+", Say("+")),
        ("//-1 is negative", Say("-1 is negative")),
        ("//!important", Say("!important")),
        (" /help", Say(" /help")),
        ("+1", Say("+1")),
        ("- item\n- item", Say("- item\n- item")),
        ("/help", Call("help")),
        ("／帮助", Call("帮助")),
        ("/Model  echo ", Call("model", "echo")),
        ("/搜索\u3000学习 机器", Call("搜索", "学习 机器")),
        ("/system two\nlines", Call("system", "two\nlines")),
        ("/", Call("")),
        ("+", Judge(1, "", "+")),
        (" － ", Judge(-1, "", " －")),
        ("- too-long, 太长", Judge(-1, "too-long, 太长", "- too-long, 太长")),
        ("＋\u3000好 ", Judge(1, "好", "＋\u3000好")),
        ("-x", Say("-x")),
        ("exit", Call("quit")),
        (":q", Call("quit")),
        ("QUIT", Call("quit")),
        ("!ls -l", Run("ls -l")),
        ("!", Say("!")),
        (" \n", None),
    ],
)
def test_what_is_typed_means(typed: str, means: Line | None) -> None:
    """Commands begin with a slash as the very first character; everything else but a few words is said."""
    assert parse(typed) == means


@given(st.text())
def test_every_text_can_be_said(text: str) -> None:
    """Whatever it is, with two slashes before it a text that begins with a slash is said as it is, none is lost."""
    said = parse(f"/{text}") if text[:1] == "/" else parse(text)
    if text[:1] == "/" and text[1:2] not in ("+", "-", "＋", "－", "!"):
        assert said == Say(text)
    elif isinstance(said, Say) and text[:1] not in ("/", "／"):
        assert said.text == text.rstrip()
