"""The languages that can be written and tried; another one is another entry here and a file in ``harness/``."""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

_FOLDERS = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin"


@dataclass(frozen=True, slots=True)
class Language:
    """A language.

    Attributes:
        name: As in ``--language``, in templates, and at the fence of a code block.
        tags: What else a model may write at the fence.
        suffix: Of its files, with the dot; the harness is the file of that name in ``harness/``.
        programs: What can run it, the first choice first: names, or absolute paths.
        definition: Matches the beginning of a definition; its first group is the name.
        test: Matches one test, as small models write them: on a line.
        between: What stands between two tests.
        first: How the first test begins, of a function of the name ``{name}``.
        stubs: Definitions of a function of the name ``{name}`` that do nothing worth testing.
        tidy: Cuts off what a model wrote after the definition that it was given the beginning of; is given the text
            and that beginning, empty if there was none.
        fault: Says what is wrong with a program without running it; empty if that is not known.
    """

    name: str
    tags: tuple[str, ...]
    suffix: str
    programs: tuple[str, ...]
    harness: str
    definition: re.Pattern[str]
    test: re.Pattern[str]
    between: str
    first: str
    stubs: tuple[str, ...]
    tidy: Callable[[str, str], str]
    fault: Callable[[str], str] = lambda text: ""

    def program(self, usable: Callable[[str], bool]) -> str:
        """Return the absolute path of the first program that is there and ``usable``; empty if there is none."""
        path = os.environ.get("PATH", "") + os.pathsep + _FOLDERS
        found = (shutil.which(program, path=folder) for program in self.programs for folder in path.split(os.pathsep))
        return next((program for program in found if program and usable(program)), "")

    def join(self, tests: Sequence[str]) -> str:
        """Return tests as a file of tests has them."""
        return self.between.join(tests)

    def name_of(self, signature: str) -> str:
        """Return the name that a signature defines; empty if it defines none."""
        match = self.definition.search(signature)
        return match[1] if match else ""


def _python_fault(text: str) -> str:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError) as error:  # ValueError: a null character
        return f"{type(error).__name__}: {error}"
    return ""


def _tidy_python(text: str, begun: str) -> str:
    """Drop lines from the end until it can be parsed, then calls and assertions at the top level."""
    lines = text.splitlines()
    while lines and _python_fault("\n".join(lines)):
        lines.pop()
    if not lines:
        return text
    body = ast.parse("\n".join(lines)).body
    if not any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in body):
        return "\n".join(lines)
    for node in reversed(body):
        tried = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
        if tried or isinstance(node, ast.Assert):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines)


def _tidy_braces(text: str, begun: str) -> str:
    """Stop after the first brace that closes at the margin, if it was to be one definition."""
    end = text.find("\n}") if begun else -1
    return text[: end + 2] if end >= 0 else text


_CONSTANTS = ("0", "1", "''", "[]")
_PYTHON_CONSTANTS = ("None", "True", "False", *_CONSTANTS)
_JAVASCRIPT_CONSTANTS = ("undefined", "true", "false", *_CONSTANTS)
_PYTHON = (os.path.realpath(getattr(sys, "_base_executable", sys.executable)), "python3")

_ALL = (
    Language(
        name="python",
        tags=("py", "python3"),
        suffix=".py",
        programs=_PYTHON,
        harness="python.py",
        definition=re.compile(r"^(?:async )?def +(\w+)", re.MULTILINE),
        test=re.compile(r"^assert .+$", re.MULTILINE),
        between="\n",
        first="assert {name}(",
        stubs=tuple(
            f"def {{name}}(*args, **kwargs): return {value}" for value in ("None", "True", "False", *_CONSTANTS)
        ),
        tidy=_tidy_python,
        fault=_python_fault,
    ),
    Language(
        name="javascript",
        tags=("js", "node"),
        suffix=".js",
        programs=("node",),
        harness="javascript.js",
        definition=re.compile(
            r"^(?:export +)?(?:default +)?(?:async +)?"
            r"(?:function\*? *|(?:const|let|var) +(?=\w+ *= *(?:[^;]*=>|(?:async +)?function)))(\w+)",
            re.MULTILINE,
        ),
        test=re.compile(r"^assert.+$", re.MULTILINE),
        between="\n",
        first="assert.deepStrictEqual({name}(",
        stubs=tuple(
            f"function {{name}}() {{{{ return {value} }}}}" for value in ("undefined", "true", "false", *_CONSTANTS)
        ),
        tidy=_tidy_braces,
    ),
    Language(
        name="bash",
        tags=("sh", "shell"),
        suffix=".sh",
        programs=("bash",),
        harness="bash.sh",
        definition=re.compile(r"^(?:function +)?([\w-]+) *\(\)", re.MULTILINE),
        test=re.compile(r"^\[.+$", re.MULTILINE),
        between="\n",
        first='[ "$({name} ',
        stubs=("{name}() {{ :; }}", "{name}() {{ false; }}", "{name}() {{ echo 0; }}", "{name}() {{ echo 1; }}"),
        tidy=_tidy_braces,
    ),
    Language(
        name="sql",
        tags=("sqlite",),
        suffix=".sql",
        programs=_PYTHON,
        harness="sql.py",
        definition=re.compile(r"(?!)()"),
        test=re.compile(r"^(?:(?!-- case).*\n)*?-- expect:.*$", re.MULTILINE),
        between="\n-- case\n",
        first="INSERT INTO",
        stubs=("SELECT NULL WHERE 0;", "SELECT 0;", "SELECT 1;"),
        tidy=lambda text, begun: text,
    ),
)

LANGUAGES: Mapping[str, Language] = MappingProxyType({language.name: language for language in _ALL})
"""Every language by its name."""
