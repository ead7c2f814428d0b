"""The other slash commands, in a chat on the echo engine."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from echo_chat import Chat

from aigc_cli import i18n
from aigc_cli.render.filter import FORBIDDEN

EVIL = "\x1b]52;c;AAAA\x07\x1b[2J\u202e[red]x[/red] int a[i]"


def test_help_lists_every_command(chat: Chat) -> None:
    """So it does for one command by an alias, with a slash or without."""
    listed = chat.do("/help")
    for command in chat.session.commands:
        assert f"/{command.name}" in listed
    assert "/retry" in chat.do("/help 重写")
    assert "/retry" in chat.do("/help ／retry")


def test_an_unknown_command_sends_nothing(chat: Chat) -> None:
    """It names those that are near, by spelling or by their beginning."""
    assert "/resume" in chat.do("/resme")
    assert "/export" in chat.do("/exp")
    assert "`/help`" in chat.do("/xyzzy")
    assert chat.path == []


def test_new_begins_another_conversation(chat: Chat) -> None:
    """The old one can be resumed by its number in the list, its id, or `last`; its last turns are shown."""
    chat.do("about cats")
    first = chat.path[-1]
    chat.do("/new Be kind.", "about dogs")
    assert chat.texts == ["Be kind.", "about dogs", "about dogs"]
    listed = chat.do("/resume")
    assert listed.index("about dogs") < listed.index("about cats")
    assert "about cats" in chat.do("/resume 2")
    assert chat.path[-1].id == first.id
    chat.do("/继续 last")
    assert chat.texts[-1] == "about dogs"
    assert "no such" not in chat.do("/resume 9")
    assert "nothing in the history" in chat.do("/resume zzzz")
    assert chat.texts[-1] == "about dogs"


def test_history_and_search(chat: Chat) -> None:
    """History shows this conversation; search finds two Chinese characters within a word, in any conversation."""
    chat.do("机器学习是什么", "/new", "second")
    assert "机器学习" not in chat.do("/history")
    assert "机器学习" in chat.do("/search 学习")
    assert "nothing found" in chat.do("/search 天气")
    chat.do("third")
    assert "second" not in chat.do("/history 2")


def test_the_system_prompt(chat: Chat) -> None:
    """It is shown, kept with a new conversation, changed within one, and switched off."""
    assert "no system prompt" in chat.do("/system")
    chat.do("/system 用中文回答。", "hi")
    assert chat.texts[0] == "用中文回答。"
    assert "用中文回答。" in chat.do("/system")
    assert "keeps its system prompt" in chat.do("/system off")
    chat.do("/new", "hi")
    assert chat.texts == ["hi", "hi"]


def test_another_conversation_has_its_own_system_prompt(chat: Chat) -> None:
    """The one that was set for the conversation left behind does not follow."""
    chat.do("/system Be brief.", "one", "/new Be long.", "two", "/resume 2")
    assert chat.do("/system") == "Be brief.\n"
    chat.do("three", "/resume 2")
    assert chat.do("/system") == "Be long.\n"


def test_a_template_is_used_until_it_is_switched_off(chat: Chat) -> None:
    """What is said goes through it, as the answer of the echo engine shows; wrong names change nothing."""
    chat.do("/template translate to=French", "Good morning")
    assert "French" in chat.texts[-1]
    assert chat.path[-1].template.startswith("translate")
    assert "no prompt template called" in chat.do("/template nope")
    chat.do("/retry")
    assert "French" in chat.texts[-1]
    chat.do("/template off", "plain")
    assert chat.texts[-1] == "plain"
    assert "summarize" in chat.do("/template")


def test_settings_hold_for_what_follows(chat: Chat) -> None:
    """A setting of answers is kept with them; one of the engine opens it anew; a wrong one is refused."""
    chat.do("/set max_tokens 2", "one two three four")
    assert chat.texts[-1] == "one two"
    assert "max_tokens" in chat.do("/set")
    assert "context is 64" in chat.do("/set context 64")
    assert "of 64 tokens" in chat.do("/context")
    assert "what can be set here" in chat.do("/set model x")
    assert "not of type" in chat.do("/set temperature hot")
    assert "0.7" in chat.do("/set temperature")


def test_models_are_listed_and_changed(chat: Chat) -> None:
    """One that is not there is refused, and the one in use stays."""
    assert "* " in chat.do("/model")
    assert "there is no model called" in chat.do("/model nope")
    chat.do("still here")
    assert chat.texts[-1] == "still here"


def test_files_go_along_once(chat: Chat, tmp_path: Path) -> None:
    """A file and a folder's texts follow the message under their names; hidden and binary files stay out."""
    folder = tmp_path / "文件夹"
    folder.mkdir()
    (folder / "b.txt").write_text("内容", encoding="gb18030")
    (folder / "a.md").write_text("# A\n", encoding="utf-8")
    (folder / ".hidden").write_text("secret", encoding="utf-8")
    (folder / "bin").write_bytes(b"\x00\xff\xfe")
    chat.do(f"/file '{folder}'", "read")
    assert chat.texts[0] == "read\n\n文件夹/a.md:\n\n# A\n\n文件夹/b.txt:\n\n内容"
    chat.do(f"/file {folder / 'a.md'}", "/file -", "none")
    assert chat.texts[-1] == "none"
    assert chat.do("/file /no/such").count("\n") == 1
    assert chat.do("/file /dev/zero").count("\n") == 1


def test_save_writes_the_answer_and_asks_before_it_replaces(chat: Chat, tmp_path: Path) -> None:
    """Without a yes the file stays as it is."""
    path = tmp_path / "诗.txt"
    chat.do("床前明月光", f"/save {path}")
    assert path.read_text(encoding="utf-8") == "床前明月光\n"
    chat.do("other")
    chat.keys.send_text("n\r")
    chat.do(f"/save {path}")
    assert path.read_text(encoding="utf-8") == "床前明月光\n"
    chat.keys.send_text("y\r")
    chat.do(f"/save {path}")
    assert path.read_text(encoding="utf-8") == "other\n"
    assert chat.do(f"/save {tmp_path}/no/such/folder").count("\n") == 1


def test_export_escapes_what_the_model_wrote(chat: Chat, tmp_path: Path) -> None:
    """HTML holds no tag and no picture of the model's; JSON holds every branch; Markdown holds the texts."""
    chat.do("**重点：**<script>alert(1)</script> ![x](http://127.0.0.1/t) [y](javascript:1)", "/retry")
    for suffix in ("md", "html", "json"):
        assert "wrote" in chat.do(f"/export {tmp_path / 'talk'}.{suffix}")
    page = (tmp_path / "talk.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert "<strong>重点：</strong>" in page
    assert len(json.loads((tmp_path / "talk.json").read_text(encoding="utf-8"))["turns"]) == 3
    assert "<script>" in (tmp_path / "talk.md").read_text(encoding="utf-8")
    assert ".html" in chat.do("/export talk.docx")


def test_context_and_stats(chat: Chat) -> None:
    """The tokens of question and answer are counted; stats tell of the last answer."""
    chat.do("one two three")
    assert "6 of 4096 tokens" in chat.do("/context")
    assert "tokens per second" in chat.do("/stats")
    assert chat.session.status().used == 6


def test_the_language_changes_at_once(chat: Chat) -> None:
    """Help is Chinese after /lang zh, and English again after /语言 en."""
    try:
        assert "中文" in chat.do("/lang zh")
        assert "退出" in chat.do("/help")
    finally:
        chat.do("/语言 en")
    assert "leave" in chat.do("/help")
    assert "en, zh" in chat.do("/lang fr")
    assert i18n.language() == "en"


def test_the_output_of_a_command_goes_into_the_prompt_if_wanted(chat: Chat) -> None:
    """It is shown in any case; its exit code, too, if it failed."""
    chat.keys.send_text("y\r")
    assert "一二三" in chat.do("!printf 一二三")
    assert chat.session.prefill == "$ printf 一二三\n一二三\n"
    chat.session.prefill = ""
    chat.keys.send_text("\r")
    assert "exit code 3" in chat.do("!echo no; exit 3")
    assert chat.session.prefill == ""


@pytest.mark.parametrize("line", ["/history", "/resume", "/tree", "/search red", "/branch", "/export {}", "/edit 9"])
def test_nothing_of_a_history_reaches_the_terminal_unfiltered(chat: Chat, tmp_path: Path, line: str) -> None:
    """Escape sequences and bidirectional controls in turns are taken out; what looks like markup is shown as it is."""
    shown = chat.do(EVIL, line.format(tmp_path / f"x{EVIL[:3]}.md"), line)
    assert FORBIDDEN.search(shown) is None
    assert "int a[i]" in shown


def test_a_chat_without_saving_remembers_until_it_ends(open_chat: Callable[..., Chat], home: Path) -> None:
    """The second question sees the first; afterwards neither the database nor the prompts are there."""
    chat = open_chat(save=False)
    chat.do("one", "two")
    assert chat.texts == ["one", "one", "two", "two"]
    chat.app.close()
    assert not (home / "aigc" / "data" / "aigc.db").exists()
    assert not (home / "aigc" / "state" / "prompts").exists()


def test_a_bug_is_a_file_and_the_chat_goes_on(chat: Chat, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line names the file, which only the user can read; what was being sent is in the next prompt."""
    with monkeypatch.context() as patched:
        patched.setattr(type(chat.app), "chat", lambda *args, **options: 1 / 0)
        said = chat.do("precious")
    assert said.count("\n") == 1
    (crash,) = (home / "aigc" / "state").glob("crash-*")
    assert "ZeroDivisionError" in crash.read_text(encoding="utf-8")
    assert stat.S_IMODE(crash.stat().st_mode) == 0o600
    assert chat.session.prefill == "precious"
    chat.do("go on")
    assert chat.texts == ["go on", "go on"]


def test_why_shows_what_shaped_the_last_answer(chat: Chat) -> None:
    """The vote on an earlier answer is named; an answer that learned nothing says so."""
    chat.do("What is ice made of, as far as anybody knows?")
    assert "no vote shaped this answer" in chat.do("/why")
    liked = chat.path[-1]
    chat.session.thread.store.feedback.rate(liked, 1)
    chat.do("/new", "What is sand made of, as far as anybody knows?")
    assert liked.id[:8] in chat.do("/why")
    chat.do("/set learn false", "/new", "What is tea made of, as far as anybody knows?")
    assert "no vote shaped this answer" in chat.do("/为什么")
