"""Generators in the chat, on the echo engine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import verse_plugin
from echo_chat import Chat

from aigc_cli.core.errors import UsageProblem


@pytest.fixture
def verse(open_chat: Callable[..., Chat], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    """Return a chat with the generator "verse", and a plugin that has the name of a command."""
    verse_plugin.install(tmp_path)
    verse_plugin.install(tmp_path, "model", "raise ValueError")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("VISUAL", "true")
    yield open_chat()
    sys.modules.pop("aigc_verse", None)


def test_help_knows_it_without_importing_it(verse: Chat) -> None:
    """The command is listed; without a topic it tells what it makes and what it can be told."""
    assert "/verse" in verse.do("/help")
    assert "aigc_verse" not in sys.modules
    told = verse.do("/verse")
    for part in ("Write verse.", "--lines [2]", "--as plain|md|code", "--temperature"):
        assert part in told


def test_it_makes_something_and_the_chat_goes_on_from_there(verse: Chat) -> None:
    """Options may stand anywhere, the draft is where the chat is afterwards, and can be voted on and talked about."""
    verse.do("about cats")
    before = verse.session.thread.conversation
    shown = verse.do('/verse the --lines 3 sea --no-short --as="plain" by night')
    assert "the sea by night 0\nthe sea by night 1\nthe sea by night 2\n" in shown
    assert verse.session.thread.conversation != before
    assert verse.texts[-1] == "the sea by night 2"
    assert verse.path[-1].generator == "verse"
    verse.do("shorter")
    assert verse.texts[-2:] == ["shorter", "shorter"]


def test_wrong_options_are_named(verse: Chat, tmp_path: Path) -> None:
    """An unknown option, a value out of range or missing, and a file that is not there end in one line each."""
    for argument, part in {
        "sea --linse 3": "no option --linse; it has: --lines",
        "sea --lines 10": "--lines cannot be '10': it is int 1…9",
        "sea --lines": "--lines needs a value",
        "sea --as prose": "it is plain, md, code",
        f"sea --like {tmp_path}/none": "cannot read",
    }.items():
        shown = verse.do(f"/verse {argument}")
        assert part in shown
        assert len(shown.splitlines()) == 1
    assert "-- no option" in verse.do("/verse sea --lines 1 -- -- no option")


def test_consent_and_files(verse: Chat, tmp_path: Path) -> None:
    """A question is asked in the chat, what is made can be written, and a text of anyone's can be checked."""
    asked: list[str] = []
    verse.session.choose = lambda question, answers: asked.append(question) or "y"
    path = tmp_path / "sea.txt"
    verse.do("/verse sea --as code")
    assert asked == ["Really code?"]
    verse.do(f"/verse sea --as code --wide --output {path}")
    assert len(asked) == 1, "the option that allows it was given"
    assert path.read_text() == "sea 0\nsea 1\n"
    assert "no problem found" in verse.do(f"/verse check {path}")
    assert "2 lines instead of 3" in verse.do(f"/verse check {path} --lines 3")


def test_completion(verse: Chat) -> None:
    """Options and their choices are completed; nothing is imported for a topic."""
    command = verse.session.commands.find("verse")

    def suggested(argument: str) -> list[str]:
        return [one.text for one in command.suggest(verse.session, argument)]

    assert suggested("sea") == []
    assert "aigc_verse" not in sys.modules
    assert suggested("sea --l") == ["--lines", "--like", "--lang"]
    assert suggested("sea --as m") == ["md"]
    with pytest.raises(UsageProblem):
        verse.session.commands.find("vers")
