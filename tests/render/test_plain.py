"""Answers as plain text and as JSON, for pipes and simple terminals."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_cli.core.answer import Answer, Answered, Candidate
from aigc_cli.core.events import Finished, PromptProgress, TextDelta, Timing, Usage
from aigc_cli.core.renderer import Renderer
from aigc_cli.core.text import Notice
from aigc_cli.render.choose import choose
from aigc_cli.render.terminal import inspect


class Tty(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:  # noqa: D102
        return True


def finished(candidate: int) -> Finished:
    """Return the end of a candidate."""
    return Finished(candidate, "stop", Usage(1, 0, 1), Timing(1.0, 1.0), seed=1)


def show(*events: object, out: io.StringIO | None = None, err: io.StringIO | None = None, **options: object) -> str:
    """Return what stdout got of ``events``; it is a pipe unless ``out`` says otherwise."""
    out = io.StringIO() if out is None else out
    environ = {"TERM": "dumb"}
    renderer = choose(inspect(out, environ=environ), inspect(err or io.StringIO(), environ=environ), **options)  # type: ignore[arg-type]
    assert isinstance(renderer, Renderer)
    for event in events:
        renderer.handle(event)  # type: ignore[arg-type]
    renderer.close()
    renderer.close()
    return out.getvalue()


@given(st.lists(st.text(alphabet="a学 \n", max_size=5)))
def test_an_answer_ends_with_one_newline(chunks: list[str]) -> None:
    """The text is written as it is, with one newline at its end, however many the model wrote and however it is cut."""
    text = "".join(chunks)
    expected = text.rstrip("\n") + "\n" if chunks else ""
    assert show(*[TextDelta(0, chunk) for chunk in chunks], finished(0)) == expected
    assert show(*[TextDelta(0, chunk) for chunk in chunks], finished(0), stream=False) == expected


def test_an_answer_is_written_as_it_grows() -> None:
    """Each piece of text is there before the next one is made."""
    out = io.StringIO()
    renderer = choose(inspect(out, environ={}), inspect(io.StringIO(), environ={}))
    renderer.handle(TextDelta(0, "一"))
    assert out.getvalue() == "一"
    renderer.handle(TextDelta(0, "二"))
    assert out.getvalue() == "一二"


def test_an_interrupted_answer_is_completed() -> None:
    """Closing without the end of the answer shows all there is and leaves the cursor on a fresh line."""
    assert show(TextDelta(0, "half\x1b[")) == "half[\n"


def test_several_candidates_follow_each_other() -> None:
    """Candidates that grow side by side are shown one after the other under their numbers."""
    events = [
        TextDelta(0, "a"),
        TextDelta(1, "x"),
        TextDelta(2, "7"),
        TextDelta(0, "b"),
        finished(2),
        TextDelta(1, "y"),
    ]
    expected = "── 1/3 ──\nab\n\n── 2/3 ──\nxyz\n\n── 3/3 ──\n7\n"
    tty = Tty()
    assert show(*events, finished(0), TextDelta(1, "z"), finished(1), candidates=3, out=tty) == expected
    assert show(*events, TextDelta(1, "z"), candidates=3) == expected


@pytest.mark.parametrize("on_terminal", [False, True])
@pytest.mark.parametrize("raw", [False, True])
def test_controls_reach_only_a_pipe_and_only_raw(on_terminal: bool, raw: bool) -> None:
    """Escape sequences are filtered, but for ``--raw`` on a pipe; on a terminal they never pass."""
    shown = show(TextDelta(0, "a\x1b]0;t"), TextDelta(0, "\x07b\r\n"), out=Tty() if on_terminal else None, raw=raw)
    assert shown == ("a\x1b]0;t\x07b\r\n" if raw and not on_terminal else "ab\n")


@pytest.mark.parametrize(
    ("text", "extracted"),
    [
        ("Sure!\n```python\nprint(1)\n\nprint(2)\n```\nDone.\n```sh\nls\n```", "print(1)\n\nprint(2)\n"),
        ("- item\n\n  ~~~\n  x\n  ~~~\n", "x\n"),
        ("cut\n```py\nprint(", "print(\n"),
        ("no code\nhere", "no code\nhere\n"),
    ],
)
def test_extract_prints_the_first_code_block(text: str, extracted: str) -> None:
    """``-x`` prints what is inside the first fence, also an indented or unclosed one, or the text if there is none."""
    assert show(*[TextDelta(0, character) for character in text], finished(0), extract=True) == extracted


def test_notices_go_to_stderr() -> None:
    """A notice is one filtered line on stderr, or nothing when quiet; stdout has only the answer."""
    err = io.StringIO()
    notice = Notice("pulling {name}", {"name": "a\x1b[2J\nb"})
    assert show(notice, TextDelta(0, "hi"), err=err) == "hi\n"
    assert err.getvalue() == "pulling a b\n"
    err = io.StringIO()
    show(notice, err=err, quiet=True)
    assert err.getvalue() == ""


def test_a_notice_does_not_split_an_answer() -> None:
    """Where answer and notice share a terminal, the notice waits for the end of the line."""
    tty = Tty()
    show(TextDelta(0, "a"), Notice("late"), TextDelta(0, "b"), out=tty, err=tty)
    assert tty.getvalue() == "ab\nlate\n"


def test_progress_is_gone_before_the_answer() -> None:
    """Progress is drawn on a terminal only and cleared before the first text."""
    for progress, visible in ((Tty(), True), (io.StringIO(), False)):
        renderer = choose(
            inspect(io.StringIO(), environ={}), inspect(progress, environ={"TERM": "xterm", "NO_COLOR": "1"})
        )
        renderer.handle(PromptProgress(512, 2048))
        assert ("25%" in progress.getvalue()) is visible
        renderer.handle(TextDelta(0, "hi"))
        assert progress.getvalue().endswith("\r\x1b[K" if visible else "")


ANSWER = Answer(
    id="01a",
    conversation="01c",
    model="echo",
    adapter="",
    text='你好 "x"\n\x1b[31m\x9b\u202e\ud800',
    finish_reason="stop",
    prompt_tokens=3,
    reused_tokens=1,
    completion_tokens=2,
    ttft_ms=1.5,
    tokens_per_second=20.0,
    seed=7,
    candidates=(Candidate("01a", "你好", "stop", 2),),
    learned_from=("01b",),
)


def test_json_is_one_object_on_one_line() -> None:
    """``--json`` prints the documented keys once, Chinese as it is, controls escaped so that nothing is lost."""
    out = show(TextDelta(0, "你好"), finished(0), Answered(ANSWER), json=True)
    assert out.count("\n") == 1
    assert "你好" in out
    assert not any(character in out for character in "\x1b\x9b\u202e")
    data = json.loads(out)
    documented = (
        "version id conversation model adapter text finish_reason prompt_tokens reused_tokens completion_tokens"
    )
    documented += " ttft_ms tokens_per_second seed gpu_layers learned_from candidates"
    assert set(data) == set(documented.split())
    assert data["text"] == ANSWER.text
    assert data["candidates"] == [{"id": "01a", "text": "你好", "finish_reason": "stop", "completion_tokens": 2}]
    assert data["learned_from"] == ["01b"]


def test_a_broken_pipe_is_passed_on() -> None:
    """A reader that is gone is the business of the boundary, which ends the program with its exit code."""

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    renderer = choose(inspect(Gone(), environ={}), inspect(io.StringIO(), environ={}))
    with pytest.raises(BrokenPipeError):
        renderer.handle(TextDelta(0, "hi"))
