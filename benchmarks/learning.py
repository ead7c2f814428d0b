"""What answers learn from 40 votes by the next question: examples of what was liked, and choosing by the votes.

Three simulated users have a rule each: short answers, a list, no exclamation marks. Each votes by it alone, with ``aigc
rate``, on 40 answers: 20 as they come, 20 under a system prompt with which the rule matters. Then the model answers
questions on topics that no vote was on, in three ways with the same seed: without learning, with examples, and with
examples and the best of four. An answer is good if the rule likes it, it has five words and it names the topic.
Requests that have nothing to do with what was liked are asked, too: where they learn anything, the answers are compared
with those that learn nothing.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

from aigc_cli.app import App
from aigc_cli.core.answer import Answer, Answered
from aigc_cli.services.compose import Wish
from benchmarks._engine import starter

LONGEST = 96  # tokens
SHORT = 40  # words
VOTED = [
    "bread",
    "cheese",
    "coffee",
    "honey",
    "rice",
    "rain",
    "snow",
    "clouds",
    "wind",
    "thunder",
    "dogs",
    "cats",
    "horses",
    "bees",
    "spiders",
    "guitars",
    "pianos",
    "drums",
    "bicycles",
    "trains",
]
UNSEEN = [
    "milk",
    "lemons",
    "garlic",
    "salad",
    "pancakes",
    "earthquakes",
    "rainbows",
    "waterfalls",
    "stars",
    "moonlight",
    "cows",
    "turtles",
    "eagles",
    "dolphins",
    "mosquitoes",
    "trumpets",
    "sculpture",
    "novels",
    "cars",
    "tractors",
    "telescopes",
    "keys",
    "shoes",
    "tennis",
    "skiing",
    "salt",
    "sugar",
    "tea",
    "tomatoes",
    "apples",
    "rivers",
    "volcanoes",
    "mountains",
    "deserts",
    "islands",
    "oceans",
    "forests",
    "caves",
    "lakes",
    "glaciers",
    "whales",
    "owls",
    "frogs",
    "snakes",
    "ants",
    "butterflies",
    "elephants",
    "penguins",
    "sharks",
    "wolves",
    "bridges",
    "ships",
    "rockets",
    "robots",
    "clocks",
    "magnets",
    "mirrors",
    "candles",
    "glass",
    "paper",
]
FORMS = ("Tell me about {}.", "Why do people care about {}?", "What is interesting about {}?")
UNRELATED = {
    "Write a Python function that {}.": "reverses a list,adds two numbers,reads a file,sorts words,counts vowels,"
    "finds the largest number,removes spaces,checks a password,prints a table,parses a date",
    "Translate into French: {}": "Good morning.,Where is the station?,I am tired.,The bill please.,See you tomorrow.,"
    "It is cold.,My name is Ann.,How much is it?,I lost my key.,Thank you.",
    "Write an email in which I {}.": "ask for a day off,thank a colleague,cancel a meeting,order two chairs,"
    "invite a friend,apologize for being late,ask for a refund,accept a job,report a broken printer,remind a client",
    "Solve: {}": "3x + 5 = 20,17 * 23,144 / 12,2x - 4 = 10,15% of 80,7 * 8 + 2,100 - 37,x / 4 = 9,9 * 9,250 + 375",
    "Write a short poem about {}.": "autumn,a lost glove,the sea at night,my grandmother,an old house,the first snow,"
    "a train,silence,a cat,spring",
    "Correct the grammar: {}": "he go to school,she have two cat,i is happy,they was late,we eats dinner,"
    "it do not work,him like tea,the dogs barks,a apple fell,you was right",
}
_POINT = re.compile(r"^\s*(?:[-*•+]|\d+[.)])\s+\S", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a user likes, and a system prompt under which it matters."""

    name: str
    hint: str
    likes: Callable[[str, str], bool]


RULES = (
    Rule("short", "Answer in one short sentence.", lambda text, end: end == "stop" and len(text.split()) < SHORT),
    Rule("list", "List three facts as bullet points.", lambda text, end: len(_POINT.findall(text)) >= 3),
    Rule("calm", "Answer with great excitement! Use exclamation marks!", lambda text, end: "!" not in text),
)
ARMS: dict[str, dict[str, bool | int]] = {
    "learning": {"learn": True},
    "learning, best of 4": {"learn": True, "pick_from": 4},
}


def run(prompts: int = 60, unrelated: int = 60) -> dict[str, dict[str, object]]:
    """Let each user vote on 40 answers, then ask ``prompts`` questions and ``unrelated`` other things.

    Args:
        prompts: 60 at most.
        unrelated: 60 at most.
    """
    results: dict[str, dict[str, object]] = {}
    with starter() as model, TemporaryDirectory() as folder:
        asked = Path(folder) / "asked"
        _aigc(asked, "models", "add", str(model), "--alias", "starter")
        hints = ("", *(rule.hint for rule in RULES))
        with _app(asked) as app:
            answers = {hint: [_offer(app, number, hint) for number in range(len(VOTED))] for hint in hints}
            plain = [_ask(app, _question(number), number, {"learn": False}) for number in range(prompts)]
        for rule in RULES:
            home = shutil.copytree(asked, Path(folder) / rule.name)
            liked = _vote(home, rule, answers[""] + answers[rule.hint])
            with _app(home) as app:
                found = {
                    f"{rule.name}: --no-learn": _judge(rule, plain),
                    **{f"{rule.name}: {arm}": _judge(rule, _answers(app, prompts, how)) for arm, how in ARMS.items()},
                    f"{rule.name}: nothing to do with it": _unrelated(app, unrelated),
                }
            found[f"{rule.name}: {next(iter(ARMS))}"]["liked of 40"] = liked
            print(json.dumps(found, indent=1), file=sys.stderr, flush=True)
            results |= found
    return results


@contextmanager
def _app(home: Path) -> Iterator[App]:
    app = App(_environ(home))
    app.notify = lambda notice: print(notice, file=sys.stderr)
    try:
        yield app
    finally:
        app.close()


def _offer(app: App, number: int, hint: str) -> Answer:
    """Return an answer that users vote on."""
    return _ask(app, FORMS[number % len(FORMS)].format(VOTED[number]), number, {"learn": False}, system=hint, save=True)


def _vote(home: Path, rule: Rule, answers: Sequence[Answer]) -> int:
    """Vote by the command line and return how many answers are liked."""
    votes = [rule.likes(answer.text, answer.finish_reason) for answer in answers]
    for answer, good in zip(answers, votes, strict=True):
        _aigc(home, "rate", "up" if good else "down", answer.id)
    return sum(votes)


def _question(number: int) -> str:
    return FORMS[number % len(FORMS)].format(UNSEEN[number])


def _answers(app: App, count: int, how: dict[str, bool | int]) -> list[Answer]:
    return [_ask(app, _question(number), number, how) for number in range(count)]


def _judge(rule: Rule, answers: Sequence[Answer]) -> dict[str, object]:
    pleased = [rule.likes(answer.text, answer.finish_reason) for answer in answers]
    named = [_names(topic, answer.text) for topic, answer in zip(UNSEEN, answers, strict=False)]
    return {
        "rule pleased": _share(pleased),
        "on topic": _share(named),
        "both": _share([a and b for a, b in zip(pleased, named, strict=True)]),
        "words": round(mean(len(answer.text.split()) for answer in answers)),
        "examples": round(mean(len(answer.learned_from) for answer in answers), 1),
    }


def _unrelated(app: App, count: int) -> dict[str, object]:
    """Ask what has nothing to do with what was liked; where anything was learned, compare with learning nothing."""
    asked = [form.format(one) for form, rest in UNRELATED.items() for one in rest.split(",")]
    asked = asked[:: max(1, len(asked) // count)][:count]
    pairs = []
    for number, question in enumerate(asked):
        if _ask(app, question, number, {"learn": True}, longest=1).learned_from:
            pairs.append([_ask(app, question, number, {"learn": learn}) for learn in (False, True)])
    found: dict[str, object] = {"learned anything": f"{len(pairs)} of {len(asked)}"}
    if pairs:
        engine = app.loader.engine()
        for name, at in (("--no-learn", 0), ("learning", 1)):
            scores = [token.logprob for pair in pairs for token in engine.score(pair[at].text)]
            found[f"log-likelihood, {name}"] = round(mean(scores), 2)
            found[f"words, {name}"] = round(mean(len(pair[at].text.split()) for pair in pairs))
    return found


def _ask(
    app: App,
    question: str,
    seed: int,
    how: dict[str, bool | int],
    *,
    system: str = "",
    longest: int = LONGEST,
    save: bool = False,
) -> Answer:
    wish = Wish(text=question, system=system or None, sampling={"seed": seed}, max_tokens=longest, **how)  # type: ignore[arg-type]
    for event in app.ask(wish, model="starter", follow=None, save=save, cancel=threading.Event()):
        if isinstance(event, Answered):
            return event.answer
    raise AssertionError(question)


def _environ(home: Path) -> dict[str, str]:
    return {**os.environ, "AIGC_HOME": str(home), "AIGC_LANGUAGE": "en"}


def _aigc(home: Path, *args: str) -> None:
    command = [sys.executable, "-m", "aigc_cli", *args]
    subprocess.run(command, env=_environ(home), check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _names(topic: str, text: str) -> bool:
    stem = topic.removesuffix("s").removesuffix("ie")
    return len(text.split()) >= 5 and stem in text.lower()


def _share(values: Sequence[bool]) -> str:
    """Return a share with its 95 % interval (Wilson 1927)."""
    n, p, z = len(values), mean(values), 1.96
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return f"{p:.0%} ({max(0.0, middle - reach):.0%} to {min(1.0, middle + reach):.0%})"
