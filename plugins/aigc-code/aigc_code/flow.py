"""Writing a program: candidates in one batch, tried with tests, failures fed back, the best one returned."""

from __future__ import annotations

from collections.abc import Generator as Coroutine
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from aigc_cli.api import (
    Artifact,
    Brief,
    Call,
    Check,
    Complete,
    Completion,
    Completions,
    Confirm,
    Flow,
    Message,
    RenderedPrompt,
    Report,
    Request,
    Sampling,
    Step,
)
from aigc_code import choice, extract
from aigc_code.languages import LANGUAGES, Language
from aigc_code.sandbox import isolation
from aigc_code.trial import Trial, can_run, try_out
from aigc_code.words import consent, say

T = TypeVar("T")
Part: TypeAlias = Coroutine[Step, Any, T]

_CANDIDATES = 8
_MOST_TESTS = 12
_SHARE_OF_TESTS = 4
"""Tests take at most this part of the context in a prompt; those that do not fit are run, but not shown."""
_HOTTER = 0.3
"""What the temperature rises by where everything written before has failed."""


@dataclass
class _Work:
    """One task, and what was written for it.

    Attributes:
        begun: The beginning of the definition that the model is given.
        tests: What is run, empty for nothing.
        programs: Everything that was written, in this order.
        turns: The draft that each program comes from.
        trials: What became of each program that was tried.
    """

    brief: Brief
    language: Language
    begun: str
    signature: str
    tests: str
    users: bool
    programs: list[str] = field(default_factory=list)
    turns: dict[str, str] = field(default_factory=dict)
    trials: dict[str, Trial] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return self.brief.candidates or _CANDIDATES

    def say(self, name: str, **params: object) -> str:
        return say(name, self.brief.language, code=self.language.name, **params)


def write(brief: Brief) -> Flow:
    """Write a program for the brief; see the package's README for the options."""
    work = _begin(brief)
    level, refusal = yield from _permission(work)
    if refusal:
        yield from _draft(work, _prompt(work), work.n)
        return _artifact(work, choice.untried(work.programs, work.language), (refusal,), {"isolation": None})
    yield from _draft(work, _prompt(work), work.n)
    trivial = False
    if not work.users:
        trivial = yield from _write_tests(work)
    attempts = 1
    if work.tests:
        yield from _try_all(work)
        while not _solved(work) and attempts < _most_attempts(brief):
            attempts += 1
            yield from _draft(work, _repair(work), work.n - work.n // 2, "repair")
            yield from _draft(work, _prompt(work), work.n // 2, hotter=_HOTTER * (attempts - 1))
            yield from _try_all(work)
    facts = {"isolation": level, "attempts": attempts}
    return _judged(work, trivial=trivial, facts=facts)


def _begin(brief: Brief) -> _Work:
    language = LANGUAGES[str(brief.options["language"])]
    signature = str(brief.options["file"] or "").strip()
    tests = str(brief.options["tests"] or "").strip()
    begun = signature if language.name_of(signature) else ""
    return _Work(brief, language, begun, signature, tests, bool(tests))


def _most_attempts(brief: Brief) -> int:
    attempts = brief.options["attempts"]
    assert isinstance(attempts, int)  # noqa: S101 - it is declared as such
    return attempts


def _permission(work: _Work) -> Part[tuple[str, str]]:
    """Return how well programs are kept apart, and why none may be run; empty if they may."""
    if work.brief.options["run"] is False:
        return "", work.say("not wanted")
    language = work.language
    if not (yield Call(lambda: can_run(language))):
        return "", work.say("no program")
    if not (level := (yield Call(isolation))):
        return "", work.say("no sandbox")
    if not (yield Confirm(consent(level, language.name, work.brief.language), allowed_by="run")):
        return level, work.say("not allowed")
    return level, ""


# Writing


def _prompt(work: _Work) -> RenderedPrompt:
    tests = _that_fit(work.tests, work.brief) if work.users else ""
    return work.brief.fill("code-solution", {**_variables(work), "tests": tests})


def _repair(work: _Work) -> RenderedPrompt:
    """Return the prompt with the best program so far and what is wrong with it."""
    program = choice.best(work.programs, work.trials, trusted=work.users)
    failures = "\n".join(_problems(work, work.trials[program])[:3])
    return work.brief.fill("code-repair", {**_variables(work), "program": program, "failures": failures})


def _variables(work: _Work) -> dict[str, str]:
    topic = work.brief.topic.strip() or work.signature
    return {"input": topic, "language": work.language.name, "signature": work.signature}


def _that_fit(tests: str, brief: Brief) -> str:
    lines = tests.splitlines()
    while lines and brief.count("\n".join(lines)) > brief.context // _SHARE_OF_TESTS:
        lines.pop()
    return "\n".join(lines)


def _draft(
    work: _Work, prompt: RenderedPrompt, candidates: int, label: str = "solution", hotter: float = 0.0
) -> Part[None]:
    """Have programs written. Answers are begun for the model, which keeps a small one to the point.

    What is begun has no line break at its end: models know that as one token with the spaces of the next line.
    """
    if candidates < 1:
        return
    opening = f"```{work.language.name}" + (f"\n{work.begun}" if work.begun else "")
    request = _request(prompt, opening, candidates, hotter)
    completions: Completions = yield Complete(request, work.say(label))
    for completion in completions:
        program = extract.program(_whole(opening, completion), work.language, work.begun)
        work.programs.append(program)
        work.turns.setdefault(program, completion.turn)


def _request(prompt: RenderedPrompt, opening: str, candidates: int, hotter: float = 0.0) -> Request:
    sampling = Sampling(**prompt.sampling)  # type: ignore[arg-type]
    return Request(
        messages=(*prompt.messages, Message("assistant", opening)),
        sampling=Sampling(**{**prompt.sampling, "temperature": sampling.temperature + hotter}),  # type: ignore[arg-type]
        max_tokens=prompt.max_tokens,
        stop=(*prompt.stop, "\n```"),
        candidates=candidates,
    )


def _whole(opening: str, completion: Completion) -> str:
    """Return an answer from its beginning; some engines begin one of their own instead of going on."""
    return completion.text if completion.text.lstrip().startswith("```") else opening + completion.text


def _write_tests(work: _Work) -> Part[bool]:
    """Have the model write tests, and keep those that tell something; returns whether there are others only."""
    language, signature = work.language, work.signature
    program = choice.untried(work.programs, language)
    name = language.name_of(work.begun or program)
    if not name and language.name != "sql":
        return False
    prompt = work.brief.fill("code-tests", {**_variables(work), "name": name})
    opening = f"```{language.name}\n{language.first.format(name=name)}"
    completions: Completions = yield Complete(
        _request(prompt, opening, max(1, work.n // 2)), work.say("own tests"), shown=False, kept=False
    )
    written = "\n".join(_whole(opening, completion) + "\n```" for completion in completions)
    tests = language.join(extract.tests(written, language, name)[:_MOST_TESTS])
    if not tests:
        return False
    stubs = [stub.format(name=name) for stub in language.stubs]
    found = yield Call(lambda: [try_out(language, stub, tests, signature).plain() for stub in stubs])
    tried = [Trial.of(plain) for plain in found]
    work.tests = language.join(choice.telling([*tried[0].passed, *filter(None, tried[0].failed)], tried))
    return not work.tests


# Trying


def _try_all(work: _Work) -> Part[None]:
    """Try every program that was not tried yet."""
    fresh = [program for program in dict.fromkeys(work.programs) if program not in work.trials]
    for number, program in enumerate(fresh, 1):
        work.trials[program] = yield from _try(work, program)
        yield Report(number, len(fresh), work.say("trying"))


def _try(work: _Work, program: str) -> Part[Trial]:
    fault = work.language.fault(program) if program else "-"
    if fault:
        return Trial((), {"": fault}, ended=False)
    language, tests, signature = work.language, work.tests, work.signature
    return Trial.of((yield Call(lambda: try_out(language, program, tests, signature).plain())))


def _solved(work: _Work) -> bool:
    return any(trial.holds for trial in work.trials.values())


def _problems(work: _Work, trial: Trial) -> list[str]:
    """Return what is wrong with a program, a line for each."""
    found = [f"{test}: {problem}" if test else problem for test, problem in trial.failed.items() if test or problem]
    if not trial.ended and (trial.stopped or not found):
        found.append(work.say("stopped", why=work.say(trial.stopped or "itself")))
    return found


# Telling


def _judged(work: _Work, *, trivial: bool, facts: dict[str, Any]) -> Artifact:
    """Return the best program and the truth about it."""
    if not work.tests:
        problem = work.say("trivial" if trivial else "no tests")
        return _artifact(work, choice.untried(work.programs, work.language), (problem,), facts)
    program = choice.best(work.programs, work.trials, trusted=work.users)
    trial = work.trials[program]
    whose = "user" if work.users else "own"
    count = {"passed": len(trial.passed), "total": trial.total}
    facts |= {"programs": len(work.trials), "tests_by": whose, **count}
    if not work.users:
        facts["tests"] = work.tests
    if trial.holds:
        facts |= {"verified": True, "verified_by": whose}
        return _artifact(work, program, (), facts, (work.say(f"{whose} verified", **count),))
    outcome = f"{whose} failed" if trial.total else "no tests" if trial.ended else "broken"
    first = work.say(outcome, **count)
    return _artifact(work, program, (first, *_problems(work, trial)), facts)


def _artifact(
    work: _Work, program: str, problems: Sequence[str], facts: dict[str, Any], notes: Sequence[str] = ()
) -> Artifact:
    facts = {"language": work.language.name, "verified": False, "verified_by": None, **facts}
    title = work.language.name_of(program) or work.brief.topic.strip().partition("\n")[0][:60]
    check = Check(not problems, tuple(problems), facts=facts, notes=tuple(notes))
    return Artifact("code", title, program, check, "code", work.turns.get(program, ""))
