"""Typing in the chat on a real pseudo-terminal."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path

from chat_screen import Chat

from aigc_cli.testing import AIGC, PtyScreen, echo_environ


def asked(home: Path) -> list[str]:
    """Return the questions in the database, in their order."""
    with closing(sqlite3.connect(home / "aigc" / "data" / "aigc.db")) as conn:
        return [text for (text,) in conn.execute("SELECT text FROM turns WHERE role = 'user' ORDER BY seq")]


LINES = ["第一行：你好，世界", "\tindented", "/looks like a command", *(f"line {n}" for n in range(4, 50)), "最后一行"]


def test_fifty_pasted_lines_are_one_message(chat: Chat, home: Path) -> None:
    """Chinese, tabs and a line that begins with a slash arrive as they are, in one message, after one Enter."""
    screen = chat()
    screen.paste("\n".join(LINES))
    screen.wait_for("最后一行")
    screen.send("\r")
    screen.wait_for("tokens/s")
    assert asked(home) == ["\n".join(LINES)]


def test_backspace_takes_whole_chinese_characters(chat: Chat, home: Path) -> None:
    """Two backspaces after 你好世界 leave 你好, on the screen and in the message."""
    screen = chat()
    screen.send("你好世界\x7f\x7f")
    screen.wait_until(lambda seen: "> 你好\n" in seen, "你好 is not what is left")
    screen.send("\r")
    screen.wait_for("tokens/s")
    assert asked(home) == ["你好"]


def test_new_lines_within_a_message(chat: Chat, home: Path) -> None:
    """Ctrl+J and Alt+Enter begin a new line; a block in braces is sent by its closing brace, without the braces."""
    screen = chat()
    screen.send("one\ntwo\x1b\rthree\r")
    screen.wait_for("tokens/s")
    screen.send("{\r")
    screen.wait_for("a line with } alone sends")
    screen.send('{"a": 1\r}\x7f}}\r}\r')
    screen.wait_for('{"a": 1', count=2)
    screen.send("bye\r")
    screen.wait_for("bye", count=2)
    assert asked(home) == ["one\ntwo\nthree", '{"a": 1\n}}', "bye"]


def test_what_was_typed_survives_and_can_be_searched(chat: Chat, home: Path) -> None:
    """After a restart Ctrl+R finds a Chinese line by its middle; the file is for the user's eyes only."""
    first = chat()
    first.send("写一首关于秋天的诗\r")
    first.wait_for("tokens/s")
    first.send("\x04")
    assert first.wait_for_end() == 0
    path = home / "aigc" / "state" / "prompts"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    second = chat()
    second.send("\x12秋天")
    second.wait_for("写一首关于秋天的诗")
    second.send("\r\r")
    second.wait_for("写一首关于秋天的诗", count=2)
    second.wait_for("tokens/s")
    assert asked(home) == ["写一首关于秋天的诗"] * 2


def test_lines_that_look_like_commands_but_are_none(chat: Chat, home: Path) -> None:
    """`//x` sends "/x", `.NET 是什么` is sent; `/nope` is not and says so, a lone sign votes."""
    screen = chat()
    screen.send("//x\r")
    screen.wait_for("\n/x\n")
    screen.send(".NET 是什么\r")
    screen.wait_for("\n.NET 是什么\n")
    screen.send("/retri\r")
    screen.wait_for("did you mean /retry")
    screen.send("＋\r")
    screen.wait_for("thumbs-up; `/up off` takes it back")
    screen.send("//+\r")
    screen.wait_for("> //+\n•")  # Markdown's empty item
    assert asked(home) == ["/x", ".NET 是什么", "+"]


def test_ctrl_c_clears_the_line_and_ctrl_d_leaves(chat: Chat, home: Path) -> None:
    """A line that was cleared comes back with the arrow up; on an empty line Ctrl+C tells how to leave."""
    screen = chat()
    screen.send("not yet\x03")
    screen.wait_until(lambda seen: "not yet" not in seen, "the line is not cleared")
    screen.send("\x1b[A")
    screen.wait_for("> not yet")
    screen.send("\x03\x03")
    screen.wait_for("Ctrl+D leaves", count=2)
    screen.send("\x04")
    assert screen.wait_for_end() == 0


def test_completion_of_commands_and_their_arguments(chat: Chat, home: Path, tmp_path: Path) -> None:
    """Tab completes a command, a model, a path with Chinese in it, and a conversation, which shows its title."""
    (tmp_path / "文章-one.txt").write_text("内容", encoding="utf-8")
    screen = chat(columns=160)
    screen.send("第一个话题\r")
    screen.wait_for("tokens/s")
    screen.send("/mod\t")
    screen.wait_for("> /model")
    screen.send("ec\t")
    screen.wait_for("> /model echo")
    screen.send(f"\x03/file {tmp_path}/文\t")
    screen.wait_for("文章-one.txt")
    screen.send("\r")
    screen.wait_for("goes along")
    screen.send("/resume 话题")
    screen.wait_for("第一个话题", count=3)


def test_the_editor_has_arguments(chat: Chat, home: Path, tmp_path: Path) -> None:
    """Ctrl+X Ctrl+E and /editor open $VISUAL, also where it is a command with arguments; the text comes back."""
    script = tmp_path / "ed it.sh"
    script.write_text('#!/bin/sh\nprintf "%s 秋天" "$1" >> "$2"\n', encoding="utf-8")
    script.chmod(0o755)
    screen = chat(VISUAL=f"'{script}' 写作")
    screen.send("about \x18\x05")
    screen.wait_for("about 写作 秋天")
    screen.send("\r")
    screen.wait_for("tokens/s")
    screen.send("/editor\r")
    screen.wait_for("> 写作 秋天")


def test_a_narrow_chinese_terminal(chat: Chat) -> None:
    """At 40 columns in Chinese, help stays within the width and is Chinese."""
    screen = chat(columns=40, LANG="zh_CN.UTF-8")
    screen.send("／帮助\r")
    assert "退出" in screen.wait_for("/quit")


def test_two_chats_and_a_question_share_one_history(chat: Chat, home: Path) -> None:
    """Each goes on with its own conversation, whatever the others add meanwhile."""
    one, two = chat(), chat()
    for n in range(3):
        one.send(f"one {n}\r")
        two.send(f"two {n}\r")
        one.wait_for(f"\none {n}\n")
        two.wait_for(f"\ntwo {n}\n")
        environ = echo_environ(home / "aigc")
        subprocess.run([*AIGC, f"ask {n}"], env=environ, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    two.send("/history\r")
    two.wait_for("two 2", count=4)
    assert "one" not in two.text()
    assert sorted(asked(home)) == [f"{who} {n}" for who in ("ask", "one", "two") for n in range(3)]


def test_a_dumb_terminal_will_do(chat: Chat, home: Path) -> None:
    """Without colours and cursor movement one can chat all the same."""
    with PtyScreen([*AIGC, "chat"], env=echo_environ(home / "aigc", TERM="dumb")) as screen:
        screen.wait_for("\n>")
        screen.send("你好\r")
        screen.wait_for("\n你好\n")
        screen.send("\x04")
        assert screen.wait_for_end() == 0


def test_sentences_are_broken_between_words(chat: Chat) -> None:
    """In a narrow window no word of an error, a notice or a greeting is torn."""
    screen = chat(columns=40)
    screen.send("/foo\r")
    screen.wait_for("slash")
    screen.send("/resume\r")
    seen = screen.wait_for("no conversation yet")
    for word in ("Alt+Enter", "nothing", "`/help`", "leaves"):
        assert word in seen
