"""Commands that take texts in and give them out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.text import N_, Notice
from aigc_cli.i18n import _
from aigc_cli.render.document import as_html, as_json, as_markdown
from aigc_cli.render.extract import first_code_block
from aigc_cli.render.filter import one_line
from aigc_cli.repl.clipboard import copy
from aigc_cli.repl.command import Command, Suggestion, number
from aigc_cli.repl.session import Session
from aigc_cli.services.attachments import attach
from aigc_cli.services.files import replace_file

TITLE = 60  # characters
CODE = "code"
FORMATS: dict[str, Callable[[str, Sequence[Turn]], str]] = {".md": as_markdown, ".html": as_html, ".json": as_json}


def file(session: Session, argument: str) -> None:
    """Let files go along with the next message, or forget those that were to."""
    if argument == "-":
        session.attachments = []
        session.screen.say(N_("no file goes along"))
        return
    if argument:
        session.attachments += attach(Path(_unquoted(argument)))
    for attachment in session.attachments:
        text = N_("{name} goes along with your next message ({count} characters)")
        session.screen.say(text, name=attachment.name, count=len(attachment.text))
    if not session.attachments:
        session.screen.say(N_("`/file PATH` lets a file go along with your next message"))


def copy_(session: Session, argument: str) -> None:
    """Copy an answer, or the first code block of the last one."""
    wants_code = argument in (CODE, "代码")
    answer = _answer(session, 1 if wants_code or not argument else number(argument))
    text = answer.text.strip("\n")
    if wants_code:
        code = first_code_block(text)
        if code is None:
            raise UsageProblem(detail=N_("there is no code block in the last answer"))
        text = code
    done = copy(text, session.screen.out)
    if not done:
        raise UsageProblem(
            detail=N_("there is no clipboard here, or the text is too long for it; `/save` writes a file")
        )
    session.screen.say(N_("copied {count} characters ({how})"), count=len(text), how=done)
    session.feedback.note(answer.id, "copied")


def save(session: Session, argument: str) -> None:
    """Write the last answer to a file."""
    if not argument:
        raise UsageProblem(detail=N_("say where to: `/save FILE`"))
    answer = _answer(session, 1)
    if write(session, argument, answer.text.strip("\n") + "\n"):
        session.feedback.note(answer.id, "saved")


def export(session: Session, argument: str) -> None:
    """Write the conversation to a file, in the form that its name asks for."""
    path = session.thread.path()
    if not path:
        raise UsageProblem(detail=N_("this conversation is still empty"))
    if not argument:
        argument = f"aigc-{path[0].conversation[:10]}.md"
    suffix = Path(argument).suffix.lower()
    make = FORMATS.get(suffix)
    if make is None:
        raise UsageProblem(detail=Notice(N_("the name of the file ends in {known}"), {"known": ", ".join(FORMATS)}))
    first = next((turn.text for turn in path if turn.role == "user"), "aigc")
    title = one_line(session.thread.store.title(path[0].conversation) or first)[:TITLE]
    write(session, argument, make(title, session.thread.tree() if make is as_json else path))


def editor(session: Session, argument: str) -> None:
    """Open the next prompt in the user's editor."""
    session.prefill = argument
    session.open_editor = True


def _answer(session: Session, back: int) -> Turn:
    """Return an answer on the way here, counted from the last one."""
    answers = session.thread.answers()
    if not 1 <= back <= len(answers):
        raise UsageProblem(detail=N_("there is no such answer yet"))
    return answers[-back]


def write(session: Session, name: str, text: str) -> bool:
    """Write a file of the user's own and return True; one that is there is only replaced if the user says so."""
    path = Path(_unquoted(name)).expanduser()
    question = _("{path} exists already. Replace it?").format(path=one_line(str(path)))
    if path.exists() and session.choose(question, {"n": _("no"), "y": _("yes")}) != "y":
        return False
    replace_file(path, text)
    session.screen.say(N_("wrote {path}"), path=path)
    return True


def _unquoted(argument: str) -> str:
    """Take off the quotes that a terminal puts around a file that is dropped into it."""
    if len(argument) > 1 and argument[0] == argument[-1] and argument[0] in "\"'":
        return argument[1:-1]
    return argument


def suggest_paths(session: Session, argument: str) -> Iterable[Suggestion]:
    """Suggest what is in the folder that the argument has come to; hidden files only where it asks for them."""
    folder, begun = os.path.split(argument)
    try:
        entries = sorted(os.scandir(Path(folder or ".").expanduser()), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(begun) and (begun or not entry.name.startswith(".")) and entry.name.isprintable():
            yield Suggestion(entry.name + (os.sep if entry.is_dir() else ""), len(begun))


def _suggest_copies(session: Session, argument: str) -> Iterable[Suggestion]:
    if CODE.startswith(argument):
        yield Suggestion(CODE, len(argument), _("the first code block of the last answer"))


COMMANDS = [
    Command(
        "file",
        N_("let a file or folder go along with the next message; - forgets it"),
        file,
        ("文件",),
        N_("[PATH | -]"),
        suggest_paths,
    ),
    Command(
        "copy",
        N_("copy the last answer, the one COUNT back, or its code"),
        copy_,
        ("复制",),
        N_("[COUNT | code]"),
        _suggest_copies,
    ),
    Command("save", N_("write the last answer to a file"), save, ("保存",), N_("FILE"), suggest_paths),
    Command(
        "export",
        N_("write the conversation as Markdown, HTML or JSON"),
        export,
        ("导出",),
        "[FILE.md | .html | .json]",
        suggest_paths,
    ),
    Command("editor", N_("write the next message in your editor"), editor, ("编辑器",), N_("[TEXT]")),
]
