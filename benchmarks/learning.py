"""What answers learn from 40 votes by the next question: examples of what was liked, and choosing by the votes.

A simulated user has a rule (1: short answers, 2: a list, 3: no exclamation marks) and votes by it alone, with
``aigc rate``, on answers that ``aigc ask`` gave: half of them as they come, half under a system prompt with which the
rule matters. Then the model answers questions on topics that no vote was on, in three ways with the same seed: without
learning, with examples, and with examples and the best of four. An answer is good if the rule likes it, it has five
words and it names the topic. Requests that have nothing to do with what was liked are asked, too: where they learn
anything, the answers are compared with those that learn nothing.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean
from tempfile import TemporaryDirectory

from aigc_cli.app import App
from aigc_cli.core.answer import Answer, Answered
from aigc_cli.core.text import Notice
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
    "--no-learn": {"learn": False},
    "learning": {"learn": True},
    "learning, best of 4": {"learn": True, "pick_from": 4},
}


def run(rule: int = 1, prompts: int = 60, unrelated: int = 60) -> dict[str, dict[str, object]]:
    """Let one user vote on 40 answers, then ask ``prompts`` questions and ``unrelated`` other things."""
    wanted = RULES[rule - 1]
    with starter() as model, TemporaryDirectory() as home:
        environ = {**os.environ, "AIGC_HOME": home, "AIGC_LANGUAGE": "en"}
        _aigc(environ, "models", "add", str(model), "--alias", "starter")
        liked = _vote(environ, wanted)
        print(f"{liked} of {2 * len(VOTED)} answers liked", file=sys.stderr)
        app = App(environ)
        app.notify = _tell
        try:
            results = _related(app, wanted, prompts)
            results |= _unrelated(app, unrelated)
        finally:
            app.close()
    return results


def _vote(environ: dict[str, str], rule: Rule) -> int:
    """Ask and vote, all by the command line; return how many answers were liked."""
    liked = 0
    for number, topic in enumerate(VOTED):
        question = FORMS[number % len(FORMS)].format(topic)
        for system in ((), ("--system", rule.hint)):
            asked = (
                "ask",
                "--json",
                "--no-learn",
                "--seed",
                str(number),
                "--max-tokens",
                str(LONGEST),
                *system,
                question,
            )
            answer = json.loads(_aigc(environ, *asked))
            good = rule.likes(answer["text"], answer["finish_reason"])
            _aigc(environ, "rate", "up" if good else "down", answer["id"])
            liked += good
    return liked


def _related(app: App, rule: Rule, count: int) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for arm, how in ARMS.items():
        pleased, good, on_topic, words, taught = [], [], [], [], []
        for number, topic in enumerate(UNSEEN[:count]):
            answer = _ask(app, FORMS[number % len(FORMS)].format(topic), number, how)
            named = _names(topic, answer.text)
            pleased.append(rule.likes(answer.text, answer.finish_reason))
            on_topic.append(named)
            good.append(pleased[-1] and named)
            words.append(len(answer.text.split()))
            taught.append(len(answer.learned_from))
        found[f"{rule.name}: {arm}"] = {
            "rule pleased": _share(pleased),
            "on topic": _share(on_topic),
            "both": _share(good),
            "words": round(mean(words)),
            "examples": round(mean(taught), 1),
        }
        print(found, file=sys.stderr)
    return found


def _unrelated(app: App, count: int) -> dict[str, dict[str, object]]:
    """Ask what has nothing to do with what was liked; where anything was learned, compare with learning nothing."""
    asked = [form.format(one) for form, rest in UNRELATED.items() for one in rest.split(",")]
    asked = asked[:: max(1, len(asked) // count)][:count]
    learned, pairs = 0, []
    for number, question in enumerate(asked):
        if not _ask(app, question, number, {"learn": True}, longest=1).learned_from:
            continue
        learned += 1
        pairs.append([_ask(app, question, number, {"learn": learn}) for learn in (False, True)])
    found: dict[str, object] = {"learned anything": f"{learned} of {len(asked)}"}
    if pairs:
        engine = app.loader.engine()
        for name, at in (("--no-learn", 0), ("learning", 1)):
            scores = [token.logprob for pair in pairs for token in engine.score(pair[at].text)]
            found[f"log-likelihood, {name}"] = round(mean(scores), 2)
            found[f"words, {name}"] = round(mean(len(pair[at].text.split()) for pair in pairs))
    return {"nothing to do with it": found}


def _ask(app: App, question: str, seed: int, how: dict[str, bool | int], longest: int = LONGEST) -> Answer:
    wish = Wish(text=question, sampling={"seed": seed}, max_tokens=longest, **how)  # type: ignore[arg-type]
    for event in app.ask(wish, model="starter", follow=None, save=False, cancel=threading.Event()):
        if isinstance(event, Answered):
            return event.answer
    raise AssertionError(question)


def _aigc(environ: dict[str, str], *args: str) -> str:
    command = [sys.executable, "-m", "aigc_cli", *args]
    return subprocess.run(
        command, env=environ, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True
    ).stdout


def _names(topic: str, text: str) -> bool:
    stem = topic.removesuffix("s").removesuffix("ie")
    return len(text.split()) >= 5 and stem in text.lower()


def _share(values: Sequence[bool]) -> str:
    """Return a share with its 95 % interval (Wilson 1927)."""
    n, p, z = len(values), mean(values), 1.96
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return f"{p:.0%} ({max(0.0, middle - reach):.0%} to {min(1.0, middle + reach):.0%})"


def _tell(notice: Notice) -> None:
    print(notice, file=sys.stderr)
