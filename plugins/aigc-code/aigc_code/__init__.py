"""Code for aigc: a generator that tries what it writes, and templates to write, review, test and explain code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from aigc_cli.api import Generator, Option, hookimpl
from aigc_code.flow import write
from aigc_code.languages import LANGUAGES

CODE = Generator(
    name="code",
    summary={
        "en": "Write a program, try it with tests in a sandbox, and mend it until it passes.",
        "zh": "写一段程序，在沙箱里用测试检验，并修改到通过为止。",
    },
    topic={"en": "TASK", "zh": "任务"},
    flow=write,
    options=(
        Option(
            "language",
            {"en": "Programming language.", "zh": "编程语言。"},
            "choice",
            "python",
            choices=tuple(LANGUAGES),
        ),
        Option(
            "file",
            {
                "en": "File with the beginning of the program, such as a signature; for SQL, the tables.",
                "zh": "程序开头的文件，含函数签名；SQL 则为建表语句。",
            },
            "file",
        ),
        Option(
            "tests",
            {
                "en": "File of tests that the program is to pass; without it, the model writes its own.",
                "zh": "程序应通过的测试文件；不给则由模型自己写测试。",
            },
            "file",
        ),
        Option(
            "attempts",
            {
                "en": "Most rounds of writing; each is shown what failed before.",
                "zh": "最多写几轮；每一轮都会看到之前的失败。",
            },
            "int",
            3,
            minimum=1,
            maximum=20,
        ),
        Option(
            "run",
            {
                "en": "Agree beforehand that programs are run in the sandbox, or never run any.",
                "zh": "事先同意在沙箱里运行程序，或者从不运行。",
            },
            "bool",
        ),
    ),
    reasons={
        "wrong": {"en": "does something else", "zh": "答非所问"},
        "fails": {"en": "does not work", "zh": "运行出错"},
        "unclear": {"en": "hard to read", "zh": "难以读懂"},
        "clear": {"en": "easy to read", "zh": "清晰易读"},
        "clever": {"en": "a good way to do it", "zh": "方法巧妙"},
    },
)


@hookimpl
def aigc_generators() -> Iterator[Generator]:
    """Offer the generator of this package."""
    yield CODE


@hookimpl
def aigc_templates() -> list[Path]:
    """Offer the folder with the templates of this package."""
    return [Path(__file__).parent / "prompts"]
