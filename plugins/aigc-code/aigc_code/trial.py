"""Trying programs: what a program does with tests, run in the sandbox."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigc_code.languages import Language
from aigc_code.sandbox import Limits, reachable, run

_HARNESS = Path(__file__).with_name("harness")
_MOST_PROBLEM = 300  # characters
_LIMITS = Limits(seconds=5.0, cpu=5)


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one program.

    Attributes:
        passed: The tests that hold.
        failed: The tests that do not, and what is wrong; "" is the program as a whole.
        ended: Whether all tests were come to. Where not, there may be more than are counted here.
        stopped: The limit for which it was ended, as in `aigc_code.sandbox.Ended`.
    """

    passed: tuple[str, ...]
    failed: Mapping[str, str]
    ended: bool
    stopped: str = ""

    @property
    def holds(self) -> bool:
        """Whether there were tests, all were come to and all hold."""
        return self.ended and bool(self.passed) and not self.failed

    @property
    def total(self) -> int:
        """How many tests were come to."""
        return len(self.passed) + len([test for test in self.failed if test])

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "passed": list(self.passed),
            "failed": dict(self.failed),
            "ended": self.ended,
            "stopped": self.stopped,
        }

    @staticmethod
    def of(plain: Mapping[str, Any]) -> Trial:
        """Return what `plain` made plain data of."""
        return Trial(tuple(plain["passed"]), plain["failed"], plain["ended"], plain["stopped"])


def can_run(language: Language) -> bool:
    """Say whether the program that runs the language is there."""
    return bool(language.program(reachable))


def try_out(language: Language, solution: str, tests: str, signature: str = "") -> Trial:
    """Run a program and its tests in the sandbox; the program that runs the language must be there.

    Results are told apart from what the program writes by a word made for the occasion, and one that ends itself early
    has not passed. This is no guard against a program that means to deceive: it is in one process with its tests.
    """
    token = secrets.token_hex(16)
    names = [f"{name}{language.suffix}" for name in ("solution", "tests", "signature")]
    files = dict(zip(names, (solution, tests, signature), strict=True))
    harness = "harness" + Path(language.harness).suffix
    files[harness] = (_HARNESS / language.harness).read_text(encoding="utf-8")
    ended = run([language.program(reachable), harness, *names[:2], token], files, _LIMITS)
    lines = [line.partition(" ")[2] for line in ended.output.splitlines() if line.startswith(token)]
    results = [json.loads(line) for line in lines]
    passed = [result["test"] for result in results if result.get("problem") == ""]
    failed = {result["test"]: result["problem"][:_MOST_PROBLEM] for result in results if result.get("problem")}
    complete = any(result.get("end") for result in results)
    if not complete and not failed:
        failed[""] = ended.output.strip()[-_MOST_PROBLEM:]
    return Trial(tuple(passed), failed, complete, ended.stopped)
