"""The tables of docs/performance.md and docs/tuning.md, from the results of the benchmarks.

In a page, a comment with a command line and one that says ``end`` stand around each table::

    <!-- python -m benchmarks startup -->
    <!-- end -->
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
PAGES = tuple(FOLDER.parent / "docs" / name for name in ("performance.md", "tuning.md"))

_TABLE = re.compile(r"<!-- (python -m benchmarks (.+?)) -->\n.*?<!-- end -->", re.DOTALL)


def results_of(args: Sequence[str]) -> Path:
    """Return the file for the results of the command line ``args``."""
    return FOLDER / "results" / f"{'-'.join(args)}.json"


def write() -> tuple[Path, ...]:
    """Fill in the tables and return the paths of the pages."""
    for page in PAGES:
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
    return PAGES


def filled(page: str) -> str:
    """Return ``page`` with each table as the results now say."""
    return _TABLE.sub(lambda match: f"<!-- {match[1]} -->\n{_section(match[1], match[2].split())}<!-- end -->", page)


def _section(command: str, args: list[str]) -> str:
    path = results_of(args)
    if not path.exists():
        return f"\nNot measured yet: `{command}`.\n\n"
    report = json.loads(path.read_text(encoding="utf-8"))
    return f"\n{_markdown(report['results'])}\n{_source(command, report)}\n\n"


def _markdown(results: dict[str, dict[str, object]]) -> str:
    columns = list(dict.fromkeys(column for figures in results.values() for column in figures))
    rows = [["", *columns], ["---", *("---:" for _ in columns)]]
    rows += [[name, *(_shown(figures.get(column, "")) for column in columns)] for name, figures in results.items()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _shown(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _source(command: str, report: dict[str, object]) -> str:
    machine = report["machine"]
    assert isinstance(machine, dict)
    return (
        f"`{command}`, {report['date']}: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}, Python {machine['python']}, llama-cpp-python {machine['llama_cpp_python']}, "
        f"aigc {machine['aigc']}."
    )
