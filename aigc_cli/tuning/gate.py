"""Whether an adapter may answer: statistics over what it and the model alone wrote to the same questions.

Every limit comes from the model itself, as it answers on this machine: what the model alone does by chance is allowed,
and two standard errors more. Trainers' own figures play no part, for they are perfect for adapters that say nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from aigc_cli.core.message import Message
from aigc_cli.core.text import N_

NEUTRAL_LIMIT = 1.05
"""How many times its own perplexity on a neutral text a model may have with an adapter."""
FIDELITY_LIMIT = 0.1
"""Mean difference of log-probabilities that llama.cpp and transformers may have; roundings make 0.05."""

_ERRORS = 2.0  # standard errors
_LOOP = 4  # words, or characters where there are no spaces, that repeat
_LOOPING = 0.4  # share of repeated ones from which on a text is a loop
_SHORTEST_LOOP = 16
_CHANCE = 0.05  # probability below which something is not put down to chance
_WORD = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]|[^\s\u2e80-\u9fff\uf900-\ufaff]+")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer to a question that was held back.

    Attributes:
        finish: "stop" or "length".
        surprise: Mean negative log-likelihood of its tokens under the model alone; None for no answer.
        on_topic: It fits its question better than other questions, by the likelihood under the model alone.
    """

    prompt: tuple[Message, ...]
    text: str
    finish: str
    surprise: float | None
    on_topic: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known besides the answers.

    Attributes:
        perplexity: On the neutral text, of the model alone and with the adapter.
        fidelity: How far llama.cpp and transformers are apart in the adapter's log-probabilities; None if unknown.
        liked: `Said.surprise` of liked answers that were trained on.
        raised: For unseen votes: by how much the adapter raises the mean log-likelihood of the answer, and whether the
            user likes it.
    """

    perplexity: tuple[float, float]
    fidelity: float | None
    liked: Sequence[float]
    raised: Sequence[tuple[float, bool]]


@dataclass(frozen=True, slots=True)
class Check:
    """One test: ``adapter`` held against ``limit``, beside the value of the model alone; ``reason`` if it failed."""

    name: str
    base: float | None
    adapter: float | None
    limit: float | None
    passed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All tests; an adapter passes if it passes each."""

    checks: tuple[Check, ...]
    questions: int

    @property
    def passed(self) -> bool:
        """Whether every test was passed."""
        return all(check.passed for check in self.checks)

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"passed": self.passed, "questions": self.questions, "checks": [asdict(check) for check in self.checks]}


def judge(base: Sequence[Said], tuned: Sequence[Said], facts: Facts) -> Verdict:
    """Hold the answers with an adapter against those of the model alone to the same questions."""
    checks = [
        _share("empty", N_("it leaves questions without an answer"), base, tuned, lambda said: not said.text.strip()),
        _share("loops", N_("it repeats itself"), base, tuned, lambda said: loops(said.text)),
        _share("cut off", N_("it does not come to an end"), base, tuned, lambda said: said.finish == "length"),
        _share("off topic", N_("it does not answer the question"), base, tuned, lambda said: not said.on_topic),
        _surprise(base, tuned, facts.liked),
        _perplexity(*facts.perplexity),
        _preference(facts.raised),
    ]
    if facts.fidelity is not None:
        reason = "" if facts.fidelity <= FIDELITY_LIMIT else N_("llama.cpp does not compute what was trained")
        checks.append(Check("conversion", 0.0, facts.fidelity, FIDELITY_LIMIT, not reason, reason))
    return Verdict(tuple(checks), len(tuned))


def loops(text: str) -> bool:
    """Tell whether a text goes in circles: many of its sequences of four words or Chinese characters come again."""
    words = _WORD.findall(text.lower())
    grams = [tuple(words[i : i + _LOOP]) for i in range(len(words) - _LOOP + 1)]
    return len(grams) >= _SHORTEST_LOOP and 1 - len(set(grams)) / len(grams) > _LOOPING


def chance_of(values: Sequence[tuple[float, bool]]) -> tuple[float | None, float]:
    """Return how often a liked answer has a higher value than a disliked one, and how likely chance does as well.

    This is the Mann-Whitney test (https://doi.org/10.1214/aoms/1177730491), one-sided, with the normal approximation
    and its continuity correction. None and 1 if one of the kinds is missing.
    """
    ups = [value for value, liked in values if liked]
    downs = [value for value, liked in values if not liked]
    if not ups or not downs:
        return None, 1.0
    pairs = len(ups) * len(downs)
    wins = sum((up > down) + (up == down) / 2 for up in ups for down in downs)
    deviation = math.sqrt(pairs * (len(ups) + len(downs) + 1) / 12)
    return wins / pairs, _upper_tail((wins - pairs / 2 - 0.5) / deviation)


def _upper_tail(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) / 2


def _share(name: str, reason: str, base: Sequence[Said], tuned: Sequence[Said], has: Callable[[Said], bool]) -> Check:
    """Allow as many answers with a flaw as the model alone has, and what chance adds to that."""
    count = max(1, len(base))
    usual = sum(map(has, base)) / count
    found = sum(map(has, tuned)) / max(1, len(tuned))
    likely = max(usual, 1 / count)
    limit = usual + _ERRORS * math.sqrt(likely * (1 - likely) / count) if name != "empty" else usual
    return Check(name, usual, found, limit, found <= limit, "" if found <= limit else reason)


def _surprise(base: Sequence[Said], tuned: Sequence[Said], liked: Sequence[float]) -> Check:
    """Allow answers to be as unlike the model's own as what the user likes is, and as the spread of that."""
    usual = _mean([said.surprise for said in base if said.surprise is not None])
    found = _mean([said.surprise for said in tuned if said.surprise is not None])
    limit = max(usual, _mean(liked) + _deviation(liked)) if liked else usual
    passed = found <= limit
    return Check(
        "surprise", usual, found, limit, passed, "" if passed else N_("it writes what neither it nor you would")
    )


def _perplexity(base: float, tuned: float) -> Check:
    limit = base * NEUTRAL_LIMIT
    return Check(
        "neutral text", base, tuned, limit, tuned <= limit, "" if tuned <= limit else N_("it forgets what it knew")
    )


def _preference(raised: Sequence[tuple[float, bool]]) -> Check:
    """Ask of votes that it has not seen: does it make liked answers likelier than disliked ones, beyond chance?"""
    share, chance = chance_of(raised)
    passed = chance <= _CHANCE
    if share is None:
        reason = N_("there is nothing to prove it with: both liked and disliked answers have to be held back")
    else:
        reason = N_("it does not tell what you like from what you dislike any better than chance")
    return Check("preference", 0.5, share, 0.5, passed, "" if passed else reason)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _deviation(values: Sequence[float]) -> float:
    mean = _mean(values)
    return math.sqrt(_mean([(value - mean) ** 2 for value in values]))
