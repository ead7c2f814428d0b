"""Markdown on a terminal, judged by the screen and the scrollback it leaves."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterable

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from aigc_cli.core.events import Finished, TextDelta, Timing, Usage
from aigc_cli.core.text import Notice
from aigc_cli.render.aside import Aside
from aigc_cli.render.choose import choose
from aigc_cli.render.markdown import MarkdownRenderer, MarkdownStream, print_markdown
from aigc_cli.render.plain import PlainRenderer
from aigc_cli.render.terminal import Terminal, inspect

SECTION = '''
## 第{n}节 Section {n}: what is *learned*

机器学习（Machine Learning）是人工智能的一个分支，**重点：**它让计算机“从数据中学习”，而不是靠人写下每一条规则。
**“泛化”**是指模型在没有见过的数据上也能表现良好；`int a[i] = b[0]`、[/INST] 和 [red] 都照原样出现。

The quick brown fox jumps over the lazy dog, and then it does so again, because a paragraph of an answer is usually
longer than a line of the terminal; see [the manual](https://example.com/{n}) for ***everything*** else.

1. First, collect data:
   - from users, who vote with `+` and `-`
   - from **files**
     - 文本文件，例如小说、诗歌、新闻和百科全书里的条目
     - tables
2. Then train.

   A second paragraph of the second item.
3. 最后评估。

```python
def answer_{n}(question: str) -> int:
    """Return the answer.

    It takes a while.
    """
    return 42 if question else {n}  # 足够好
```

| 模型 model | 大小 size | 说明 |
|:-----------|----------:|------|
| small-{n} | 98 MB | 快，但**不准** |
| large | 7,000 MB | 慢，但是回答得更好一些 |

> 学而不思则罔，
> 思而不学则殆。

```c
/* A comment
   of two lines. */
int main(void) {{ return b[{n}]; }}
```

```bash
for f in *.txt; do echo "$f" | wc -c; done  # {n}
```

---
'''
DOCUMENT = "# 报告 Report\n" + "".join(SECTION.format(n=n) for n in range(1, 7))
"""About 3,000 tokens: tables, nested lists, fences in three languages, Chinese bold."""


class Tty(io.StringIO):
    """A terminal that keeps what is written to it, and how often."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def isatty(self) -> bool:  # noqa: D102
        return True

    def write(self, text: str) -> int:  # noqa: D102
        self.writes += 1
        return super().write(text)


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:  # noqa: D102
        return self.now


def terminal(columns: int = 80, rows: int = 24, **environ: str) -> tuple[Tty, Terminal]:
    """Return a terminal and what was found out about it."""
    tty = Tty()
    return tty, inspect(tty, environ={"TERM": "xterm", "COLUMNS": str(columns), "LINES": str(rows), **environ})


def screen(output: str, columns: int, rows: int, *, styled: bool = False) -> list[object]:
    """Return the scrollback and the screen as lines without the empty ones at the end, with styles if wanted."""
    emulator = pyte.HistoryScreen(columns, rows, history=100_000)
    pyte.Stream(emulator).feed(output)
    lines = [*emulator.history.top, *(emulator.buffer[row] for row in range(rows))]

    def cell(char: pyte.screens.Char) -> object:
        return (char.data, char.fg, char.bold, char.italics) if styled and char.data.strip() else char.data

    shown = [[cell(line[column]) for column in range(columns)] for line in lines]
    while shown and not any(data != " " for data in shown[-1]):
        shown.pop()
    return shown if styled else ["".join(map(str, line)).rstrip() for line in shown]  # type: ignore[return-value]


def at_once(text: str, columns: int, rows: int = 24) -> str:
    """Return what is written when the whole text is drawn at once."""
    tty, out = terminal(columns, rows)
    print_markdown(out, text)
    return tty.getvalue()


def streamed(chunks: Iterable[str], columns: int, rows: int = 24, *, seconds: float = 0.06) -> Tty:
    """Return the terminal on which a text arrived in ``chunks``, so many seconds apart."""
    tty, out = terminal(columns, rows)
    clock = Clock()
    stream = MarkdownStream(out, clock=clock)
    for chunk in chunks:
        stream.write(chunk)
        clock.now += seconds
    stream.end()
    return tty


def tokens(text: str, seed: int) -> list[str]:
    """Return ``text`` in pieces of one to eight characters, about as a model writes it."""
    chance = random.Random(seed)
    pieces = []
    while text:
        size = chance.choice([1, 2, 3, 4, 5, 8])
        pieces.append(text[:size])
        text = text[size:]
    return pieces


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_long_answer_leaves_what_drawing_it_at_once_leaves(columns: int, seed: int) -> None:
    """Screen and scrollback, colours included, are those of drawing at once, in at most 4 times the answer's bytes."""
    tty = streamed(tokens(DOCUMENT, seed), columns)
    whole = at_once(DOCUMENT, columns)
    assert screen(tty.getvalue(), columns, 24, styled=True) == screen(whole, columns, 24, styled=True)
    assert len(tty.getvalue().encode()) <= 4 * len(DOCUMENT.encode())
    text = "\n".join(map(str, screen(tty.getvalue(), columns, 24)))
    for n in range(1, 7):
        assert text.count(f"Section {n}:") == text.count(f"answer_{n}(") == text.count("large") // 6 == 1


BLOCKS = (
    r"""
# 标题 *Title*
para **bo
ld** end
学习**重点：**内容
- item
  - nested
    - deeper `x`
1. one
2. two
10) ten
> quote
> - in quote
>> deeper
```python
```
~~~
x = '''
    indented
| a | b |
|---|--:|
| 1 | 2 | 3 |
---
***
===
[a](http://b.c)
[a]: http://b.c
![i](u)
<b>html</b>
&#x202e;&amp;&#27;
\*not\*
a_b_c _em_
~~gone~~

\x20\x20
\x09
- [ ] task
`code
`
a | b
--|--
|
-
1
+
#
*
**
<http://x.y>
long long long long long long long long long long long long long
很长很长很长很长很长很长很长很长很长很长，很长很长很长很长很长很长很长“很长”很长
。。。。。。。。。
""".replace("\\x20", " ")
    .replace("\\x09", "\t")
    .split("\n")
)
TALL_BLOCKS = [
    "| n | text |\n|--:|---|\n" + "".join(f"| {'1' * n} | {'学' * n} |\n" for n in range(1, 9)),
    "```python\n" + "".join(f"x{n} = f({n}, 'some text')  # 注释\n" for n in range(9)) + "```",
    "".join(f"- item {n} of *several*\n" for n in range(7)),
    "".join(f"verse {n} of **many\n" for n in range(7)) + "end**",
    "".join(f"verse {n}\n" for n in range(7)) + "a | b\n--|--\n1 | 2",
    "".join(f"long **verse {n} that is broken\n" for n in range(5)) + "a | b and more words\n-|-x** is no rule",
    "b | " + "a head that is longer than a line, and another " * 2 + "\n--|--\n1|2",
    "```js\n/* A comment\n" + "that is long\n" * 9 + "*/\n```",
    "> " + "quoted words " * 9 + "\n> - list\n>   - " + "nested " * 12,
    "```\n" + "a long line of code that has to be folded " * 3 + "\n" + "and another one " * 6,
]


@pytest.mark.parametrize("text", TALL_BLOCKS)
@pytest.mark.parametrize("size", [(40, 8), (20, 4), (11, 3)])
def test_a_block_higher_than_the_screen(text: str, size: tuple[int, int]) -> None:
    """What scrolls off the screen while its block is being written never has to be drawn again."""
    assert screen(streamed(text, *size).getvalue(), *size) == screen(at_once(text, *size), *size)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from(BLOCKS + TALL_BLOCKS), max_size=8).map("\n".join),
    st.sampled_from([(80, 24), (40, 8), (20, 4), (11, 3)]),
    st.randoms(use_true_random=False),
)
def test_any_markdown_in_any_chunks(text: str, size: tuple[int, int], chance: random.Random) -> None:
    """Whatever the text, the window and the chunks, text on screen and scrollback is that of drawing it at once."""
    columns, rows = size
    chunks = tokens(text, chance.randrange(1000))
    streamed_output = streamed(chunks, columns, rows).getvalue()
    assert screen(streamed_output, columns, rows) == screen(at_once(text, columns, rows), columns, rows)


@settings(deadline=None)
@given(st.lists(st.one_of(st.text(max_size=6), st.sampled_from(["\x1b[2J", "\x1b]0;x\x07", "&#27;", "\n", "*", "`"]))))
def test_nothing_of_the_text_controls_the_terminal(chunks: list[str]) -> None:
    """The only sequences written are those of this renderer: styles, and moving and erasing within the tail."""
    tty, out = terminal()
    renderer = MarkdownRenderer(out, Aside(out))
    for chunk in chunks:
        renderer.handle(TextDelta(0, chunk))
    renderer.close()
    ours = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\d+[AC]|\x1b\[[KJ]|\r\n|\r")
    rest = ours.sub("", tty.getvalue())
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", rest)


@pytest.mark.parametrize(
    "text", ["int a[i] = b[0]", "[/INST]", "[red]not red[/red]", "a < b && c > d", "<think>hm</think>"]
)
def test_text_that_looks_like_markup_appears_as_written(text: str) -> None:
    """Brackets and tags are text."""
    assert screen(at_once(text, 80), 80, 24) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "这是**重点：**内容",
        "**“引号”**后面",
        "他说**「你好」**。",
        "**提示**：请",
        "价格**100%**的",
        "**注意！**不要",
        "前**（括号）**后",
    ],
)
def test_chinese_bold(text: str) -> None:
    """Bold next to Chinese punctuation, without spaces, is bold, and no asterisk is left."""
    shown = screen(at_once(text, 80), 80, 24, styled=True)
    bold = re.search(r"\*\*(.*?)\*\*", text)
    assert bold
    visible = [cell for cell in shown[0] if isinstance(cell, tuple)]  # type: ignore[attr-defined]
    assert "".join(str(cell[0]) for cell in visible) == text.replace("*", "")
    assert "".join(str(cell[0]) for cell in visible if cell[2]) == bold[1]


@pytest.mark.parametrize("columns", range(20, 61, 4))
def test_chinese_lines(columns: int) -> None:
    """In paragraphs, lists, quotes and tables alike no line starts with closing punctuation and none is too wide."""
    for line in screen(at_once(DOCUMENT, columns), columns, 24):
        assert cell_len(str(line)) <= columns
        assert not re.match(r"[ •│\d.]*[，。！？；：、）】》”’…]", str(line)), line


def test_repaints_are_limited() -> None:
    """A fast model is drawn at most 20 times a second, and once more at the end, with a newline."""
    pieces = tokens("word " * 1000, 1)
    tty = streamed(pieces, 80, seconds=0.001)
    assert tty.writes <= 0.001 * len(pieces) * 20 + 3
    assert screen(tty.getvalue(), 80, 24) == screen(at_once("word " * 1000, 80), 80, 24)


def test_a_table_longer_than_the_screen() -> None:
    """A table that does not fit on the screen is not drawn twice: it waits, and is whole in the end."""
    text = "| n | text |\n|---|---|\n" + "".join(f"| {n} | {'x' * (n % 17)} |\n" for n in range(60)) + "\nEnd."
    tty = streamed(tokens(text, 3), 40, 10)
    assert screen(tty.getvalue(), 40, 10) == screen(at_once(text, 40, 10), 40, 10)


@pytest.mark.parametrize(("before", "after"), [((80, 24), (40, 24)), ((40, 24), (80, 24)), ((80, 24), (80, 5))])
def test_a_window_that_is_resized(before: tuple[int, int], after: tuple[int, int]) -> None:
    """Resizing in the middle of an answer loses no word of it, and what comes later fits the new width."""
    tty = Tty()
    environ = {"TERM": "xterm", "COLUMNS": str(before[0]), "LINES": str(before[1])}
    clock = Clock()
    stream = MarkdownStream(inspect(tty, environ=environ), clock=clock)
    pieces = tokens(DOCUMENT, 4)
    for index, piece in enumerate(pieces):
        if index == len(pieces) // 2:
            environ.update(COLUMNS=str(after[0]), LINES=str(after[1]))
        stream.write(piece)
        clock.now += 0.06
    stream.end()
    text = "".join(map(str, screen(tty.getvalue(), 80, 24)))
    assert [n for n in range(1, 7) if f"answer_{n}" not in text or f"small-{n}" not in text] == []


def test_where_markdown_is_drawn() -> None:
    """Markdown is for terminals with a cursor, unless the text is wanted raw or in part."""
    _tty, out = terminal()
    _dumb, dumb = terminal(TERM="dumb")
    pipe = inspect(io.StringIO(), environ={})
    assert isinstance(choose(out, pipe), MarkdownRenderer)
    assert isinstance(choose(out, pipe, stream=False), MarkdownRenderer)
    for renderer in (
        choose(out, pipe, raw=True),
        choose(out, pipe, extract=True),
        choose(dumb, pipe),
        choose(pipe, out),
    ):
        assert isinstance(renderer, PlainRenderer)


def test_no_color_keeps_bold() -> None:
    """NO_COLOR means no colours: structure is still shown in bold."""
    tty, out = terminal(NO_COLOR="1")
    print_markdown(out, "# a\n\n`b` **c**\n\n```python\nreturn 1\n```")
    assert set(re.findall(r"\x1b\[([0-9;]*)m", tty.getvalue())) == {"", "1", "1;4", "2"}


def test_candidates_and_notices() -> None:
    """Several answers are drawn one after the other under their numbers, a notice after them on a line of its own."""
    tty, out = terminal()
    renderer = choose(out, out, candidates=2, stream=False)
    events = [TextDelta(0, "**a**"), Notice("late"), TextDelta(1, "- b"), TextDelta(0, " c")]
    end = Usage(1, 0, 1), Timing(1.0, 1.0)
    for event in [*events, Finished(0, "stop", *end, seed=1), Finished(1, "stop", *end, seed=2)]:
        renderer.handle(event)
    renderer.close()
    lines = screen(tty.getvalue().replace("late\x1b[0m\n", "late\x1b[0m\r\n"), 80, 24)
    assert lines == ["── 1/2 ──", "", "a c", "", "── 2/2 ──", "", "• b", "late"]


def test_an_interrupted_answer_is_shown_whole() -> None:
    """What was held back for looking like a marker is there in the end."""
    assert screen(streamed(["a\n\n| x |", "\n|="], 80).getvalue(), 80, 24) == ["a", "", "| x |", "|="]
    assert screen(streamed(["a **"], 80).getvalue(), 80, 24) == ["a **"]


def test_print_markdown_on_a_pipe() -> None:
    """Elsewhere than on a terminal Markdown stays Markdown."""
    out = io.StringIO()
    print_markdown(inspect(out, environ={}), "**a**\x1b[2J\n\n")
    assert out.getvalue() == "**a**\n"
