"""The generated pages and what holds the documentation and the code together."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from aigc_cli.cli.commands import COMMANDS, load
from scripts import docs

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("aigc_cli", "plugins", "scripts") for path in (ROOT / folder).rglob("*.py"))
MODULE_LINES = 400
FUNCTION_LINES = 50


@pytest.mark.parametrize("page", docs.PAGES)
def test_a_generated_page_is_up_to_date(page: str) -> None:
    """The page in the repository is the one that the code generates; `python -m scripts.docs` writes it."""
    assert (ROOT / page).read_text(encoding="utf-8") == docs.PAGES[page]()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_help_is_the_beginning_of_the_commands_own_help(name: str) -> None:
    """What `aigc --help` says without importing a command is what the command says of itself."""
    assert (load(name).help or "").startswith(COMMANDS[name].summary)


@pytest.mark.parametrize("name", [name for name, _ in docs.commands()])
def test_every_command_and_option_says_what_it_does(name: str) -> None:
    """No command and no option is without help."""
    command = dict(docs.commands())[name]
    assert command.help
    assert [p.name for p in command.params if isinstance(p, click.Option) and not p.help] == []


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function in a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_and_its_functions_are_small(path: Path) -> None:
    """A module has at most 400 lines, a function at most 50."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES
    long = [f.name for f in functions(path) if (f.end_lineno or 0) - f.lineno + 1 > FUNCTION_LINES]
    assert long == []


def test_the_readme_and_ci_give_the_same_test_command() -> None:
    """CI runs what the README tells a stranger to run."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command = "pip install -c constraints.txt -e '.[test]' && {}python -m pytest"
    assert ".venv/bin/" + command.format(".venv/bin/") in readme
    assert command.format("") in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
