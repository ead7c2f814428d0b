"""Small programs written by ``aigc code``, against one plain completion; the programs are run.

There are 40 tasks in ``code_tasks.toml``, each with a few tests that are shown and a few that are held back. A task is
solved if the program passes those held back, run by the language itself, without what aigc tries programs with. The
plain completion is that of ``aigc -x -t code``, given the task and the signature. ``aigc code`` is given the tests that
are shown besides, with which it chooses; whatever it calls verified is run with these again, outside the sandbox.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from aigc_cli.core.engine import Engine
from aigc_cli.core.generator import OptionValue
from aigc_cli.core.making import Made
from aigc_cli.core.request import Request, Sampling
from aigc_cli.render.extract import first_code_block
from aigc_cli.templates.collection import Templates
from aigc_cli.templates.filling import fill_by_name
from aigc_cli.testing import play_on
from benchmarks._engine import answer, engine, starter

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PLUGIN = Path(__file__).parent.parent / "plugins" / "aigc-code"
TASKS = Path(__file__).with_name("code_tasks.toml")
_SECONDS = 10
_CONTEXT = 2048

sys.path.insert(0, str(PLUGIN))
from aigc_code import CODE, aigc_templates  # noqa: E402
from aigc_code.sandbox import run as run_apart  # noqa: E402


@dataclass(frozen=True, slots=True)
class Task:
    """One task, as the file gives it."""

    id: str
    language: str
    signature: str
    task: str
    shown: str
    held: str


def run(
    tasks: int = 40, n: int = 8, attempts: int = 3, seed: int = 1, threads: int = 0
) -> dict[str, dict[str, object]]:
    """Write every program both ways.

    Args:
        tasks: How many of the tasks, from the first.
        n: Candidates of a round.
        attempts: Most rounds.
        seed: Of the first completion of every task.
        threads: 0 is one for each core that may be used.
    """
    todo = [Task(**task) for task in tomllib.loads(TASKS.read_text(encoding="utf-8"))["task"]][:tasks]
    plain, ours, verified, refuted, tokens = 0, 0, 0, 0, [0, 0]
    with starter() as path, engine(path, threads, context=_CONTEXT) as asked:
        for task in todo:
            text, used = _plain(asked, task, seed)
            one = holds(task, text, task.held)
            tokens[0] += used
            made = _made(asked, task, n, attempts, seed)
            check, program = made.artifact.check, made.artifact.text
            best = holds(task, program, task.held)
            tokens[1] += made.answer.completion_tokens
            plain, ours = plain + one, ours + best
            if check.facts["verified"]:
                verified += 1
                refuted += not holds(task, program, task.shown, apart=False)
            print(f"{task.id:18} plain {one:d} ours {best:d} {check.facts}", file=sys.stderr, flush=True)
    return {
        "one plain completion": {"solved": plain, "of": len(todo), "ratio": 1.0, "tokens": tokens[0]},
        f"aigc code, n = {n}": {
            "solved": ours,
            "of": len(todo),
            "ratio": round(ours / max(plain, 1), 2),
            "tokens": tokens[1],
            "verified": verified,
            "of these failing outside": refuted,
        },
    }


def holds(task: Task, program: str, tests: str, *, apart: bool = True) -> bool:
    """Say whether a program passes tests, run in the sandbox or just so, with nothing of aigc around it."""
    if task.language == "sql":
        return _sql_holds(task.signature, program, tests)
    file, command = {
        "python": ("program.py", ["/usr/bin/env", "python3"]),
        "javascript": ("program.js", ["/usr/bin/env", "node"]),
        "bash": ("program.sh", ["/usr/bin/env", "bash", "-e"]),
    }[task.language]
    head = 'const assert = require("assert");\n' if task.language == "javascript" else ""
    text = f"{head}{program}\n{tests}\n"
    if apart:
        return run_apart([*command, file], {file: text}).code == 0
    with TemporaryDirectory() as folder:
        Path(folder, file).write_text(text, encoding="utf-8")
        try:
            ended = subprocess.run([*command, file], cwd=folder, capture_output=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return False
    return ended.returncode == 0


def _sql_holds(schema: str, query: str, tests: str) -> bool:
    for case in tests.split("-- case"):
        setup, _, expected = case.partition("-- expect:")
        database = sqlite3.connect(":memory:")
        try:
            database.executescript(schema + setup)
            rows = [list(row) for row in database.execute(query.strip().rstrip(";"))]
        except (sqlite3.Error, sqlite3.Warning):
            return False
        finally:
            database.close()
        if sorted(rows, key=repr) != sorted(json.loads(expected), key=repr):
            return False
    return True


def _templates() -> Templates:
    return Templates(Path("no such folder"), lambda: [("code", folder) for folder in aigc_templates()])


def _plain(asked: Engine, task: Task, seed: int) -> tuple[str, int]:
    """Return the program of one completion, and its tokens."""
    what = {"input": f"{task.task}\n\n```{task.language}\n{task.signature}\n```", "language": task.language}
    prompt = fill_by_name(_templates(), "code", what, "en")
    sampling = Sampling(**{**prompt.sampling, "seed": seed})  # type: ignore[arg-type]
    made = answer(asked, Request(prompt.messages, sampling, max_tokens=prompt.max_tokens or 600, stop=prompt.stop))
    text = made.texts.get(0, "")
    return first_code_block(text) or text, made.tokens


def _made(asked: Engine, task: Task, n: int, attempts: int, seed: int) -> Made:
    """Return what ``aigc code`` makes."""
    options: dict[str, OptionValue] = {
        "language": task.language,
        "file": task.signature,
        "tests": task.shown,
        "attempts": attempts,
        "run": True,
    }
    (folder,) = aigc_templates()
    played = play_on(asked, CODE, task.task, options=options, candidates=n, seed=seed, templates=folder)
    (made,) = [event for event in played.events if isinstance(event, Made)]
    return made
