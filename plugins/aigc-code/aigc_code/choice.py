"""Choosing among programs by what they do with tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from aigc_code.languages import Language
from aigc_code.trial import Trial


def best(programs: Sequence[str], trials: Mapping[str, Trial], *, trusted: bool) -> str:
    """Return the best of the programs that were tried.

    Where the tests are to be trusted, that is the one that passes the most of them. Where a model wrote the tests, they
    are as likely wrong as the programs, and agreement decides: of programs that pass the same tests, so many times so
    many, as in CodeT (Chen et al. 2022, https://arxiv.org/abs/2207.10397). Of equals, the one that was written most
    often, and of these the first.

    Args:
        programs: All that were written, also those that were written again.
        trials: What became of each.
        trusted: Whether the tests are the user's.
    """
    often = Counter(programs)
    agreeing = Counter(trials[program].passed for program in programs)

    def worth(program: str) -> tuple[bool, float, int]:
        trial = trials[program]
        agreement = 1 if trusted else agreeing[trial.passed]
        return trial.holds, len(trial.passed) * agreement, often[program]

    return max(dict.fromkeys(programs), key=worth)


def untried(programs: Sequence[str], language: Language) -> str:
    """Return the program that was written most often, of those that can be read as programs if there are any."""
    sound = [program for program in programs if program and not language.fault(program)]
    return Counter(sound or programs).most_common(1)[0][0]


def telling(tests: Sequence[str], stubs: Sequence[Trial]) -> list[str]:
    """Return the tests that tell something: those that the first stub fails; none if a stub passes all of these."""
    kept = [test for test in tests if test in stubs[0].failed]
    return [] if any(stub.ended and set(kept) <= set(stub.passed) for stub in stubs) else kept
