"""What starting the program costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "httpx",
    "jinja2",
    "llama_cpp",
    "numpy",
    "pluggy",
    "prompt_toolkit",
    "rich",
    "sqlite3",
    "sqlite_utils",
    "tomlkit",
}

PROGRAM = """
import sys
from aigc_cli.cli.main import run
code = run(sys.argv[1:])
print(code, *sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


def imported_by(*args: str) -> set[str]:
    """Return the top-level modules that a command line imports."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *args], capture_output=True, text=True, timeout=60)
    code, *modules = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    return set(modules)


LIGHT = [["--version"], ["--help"], ["ask", "--help"], ["completion", "bash"]]


@pytest.mark.parametrize("args", LIGHT, ids=" ".join)
def test_light_commands_import_no_heavy_library(args: list[str]) -> None:
    """Help, version and completion load click and nothing that takes long."""
    assert imported_by(*args) & HEAVY == set()


def test_history_needs_no_engine() -> None:
    """Looking through a history that is there loads neither the engine nor numpy."""
    imported_by("history", "list")  # makes the database
    assert imported_by("history", "list") & {"llama_cpp", "numpy", "jinja2", "httpx", "prompt_toolkit"} == set()
