"""Run one benchmark, ``python -m benchmarks NAME [OPTION=NUMBER]...``, or ``python -m benchmarks report``.

A benchmark is a module of this package with ``def run(...) -> dict[str, dict[str, object]]``: for each thing measured,
in the order in which a table shows them, its figures by name, with the unit in the name. Its parameters, integers with
defaults, are the options. The figures go to standard output and, with a description of the machine, to
``results/NAME.json``; ``report`` puts what is there into docs/performance.md and docs/tuning.md.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sqlite3
import sys
import time
from importlib.metadata import version
from pathlib import Path

from benchmarks import _report

FOLDER = Path(__file__).parent


def main(args: list[str]) -> None:
    """Run the benchmark that ``args`` name, write the report, or list all."""
    names = sorted(file.stem for file in FOLDER.glob("*.py") if not file.stem.startswith("_"))
    if args == ["report"]:
        print("written to", *_report.write())
        return
    if not args or args[0] not in names:
        sys.exit(f"usage: python -m benchmarks NAME [OPTION=NUMBER]... | report\nbenchmarks: {', '.join(names)}")
    name = args[0]
    options = {key: int(value) for key, _, value in (arg.partition("=") for arg in args[1:])}
    results = importlib.import_module(f"benchmarks.{name}").run(**options)
    print(table(results))
    report = {
        "benchmark": name,
        "options": options,
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "results": results,
    }
    path = _report.results_of(args)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"written to {path}")


def table(results: dict[str, dict[str, object]]) -> str:
    """Return the figures, a line for each thing measured."""
    columns = list(dict.fromkeys(column for figures in results.values() for column in figures))
    rows = [["", *columns]]
    rows += [[name, *(str(figures.get(column, "")) for column in columns)] for name, figures in results.items()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def machine() -> dict[str, object]:
    """Describe what the figures were measured on."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "llama_cpp_python": version("llama-cpp-python"),
        "aigc": version("aigc-cli"),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main(sys.argv[1:])
