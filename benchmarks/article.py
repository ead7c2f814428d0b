"""Articles by aigc-article against one plain request for the same article, and articles that are killed and resumed.

The starter model writes with a context of 2,048 tokens. Lengths and repetition are counted here anew: an English word
is what stands between spaces, a 字 a Chinese character or a word of another script; an n-gram is eight of these in a
row, counted over the whole text but its front matter. The plain request may write as much as the context holds.

Install the plugin first: ``pip install -e plugins/aigc-article``.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

from aigc_article import aigc_templates
from aigc_article.generator import GENERATOR

from aigc_cli.core.engine import Engine
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request, Sampling
from aigc_cli.testing import play_on
from benchmarks._engine import answer, engine, starter

CONTEXT = 2048
TOLERANCE = 0.1
TOPICS = {
    "en": (
        "Why cities plant trees", "How bread is made", "The history of bicycles", "Learning to swim as an adult",
        "What bees do in winter", "Railways and the growth of towns", "Keeping a diary", "How lighthouses work",
        "School gardens", "The future of libraries",
    ),
    "zh": (
        "城市为什么种树", "面包是怎样做成的", "自行车的历史", "成年人学游泳", "蜜蜂怎样过冬",
        "铁路与城镇的成长", "写日记的好处", "灯塔的故事", "学校里的菜园", "图书馆的未来",
    ),
}  # fmt: skip
_ASKED = {"en": "Write an article of {length} words about: {topic}", "zh": "写一篇{length}字的文章，主题：{topic}"}
_UNIT = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
_PUNCTUATION = "#*.,;:!?\"'“”‘’()[]-–—…"
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)

Way = Callable[[Engine, str, str, int, int], str]


def run(
    short: int = 10, long: int = 10, zh: int = 10, zh_long: int = 3, kills: int = 10
) -> dict[str, dict[str, object]]:
    """Write articles and look at them.

    Args:
        short: Topics for articles of 300 and 1,000 words.
        long: Topics for articles of 3,000 words.
        zh: Topics for articles of 300 and 1,000 字.
        zh_long: Topics for articles of 3,000 字.
        kills: How often an article is killed at a random moment and resumed.
    """
    results: dict[str, dict[str, object]] = {}
    plan = [("en", 300, short), ("en", 1000, short), ("en", 3000, long)]
    plan += [("zh", 300, zh), ("zh", 1000, zh), ("zh", 3000, zh_long)]
    with starter() as path:
        with engine(path, 0, context=CONTEXT) as asked:
            for language, length, count in plan:
                for name, way in WAYS.items() if count else ():
                    key = f"{length} {'words' if language == 'en' else '字'}, {name}"
                    results[key] = _figures(asked, way, language, length, count)
                    print(key, results[key], flush=True)
        if kills:
            results[f"killed {kills} times, resumed"] = _killed(path, kills)
    return results


def _article(asked: Engine, topic: str, language: str, length: int, seed: int) -> str:
    option = "words" if language == "en" else "chars"
    (templates,) = aigc_templates()
    played = play_on(
        asked, GENERATOR, topic, options={option: length}, language=language, seed=seed, templates=templates
    )
    return _FRONT_MATTER.sub("", played.artifact.text)


def _plain(asked: Engine, topic: str, language: str, length: int, seed: int) -> str:
    messages = (Message("user", _ASKED[language].format(length=length, topic=topic)),)
    return answer(asked, Request(messages, Sampling(seed=seed))).texts.get(0, "")


WAYS: dict[str, Way] = {"aigc article": _article, "one request": _plain}


def _figures(asked: Engine, way: Way, language: str, length: int, count: int) -> dict[str, object]:
    sizes, worst, seconds = list[int](), list[int](), list[float]()
    for seed, topic in enumerate(TOPICS[language][:count], 1):
        start = time.perf_counter()
        text = way(asked, topic, language, length, 1000 * seed)
        seconds.append(time.perf_counter() - start)
        sizes.append(len(_units(text, language)))
        worst.append(_worst(text, language))
    return {
        "articles": len(sizes),
        "within 10 %": sum(abs(size - length) <= TOLERANCE * length for size in sizes),
        "shortest": min(sizes),
        "longest": max(sizes),
        "no 8-gram more than twice": sum(most <= 2 for most in worst),
        "most often one 8-gram": max(worst),
        "seconds each": round(mean(seconds), 1),
    }


def _worst(text: str, language: str) -> int:
    units = _units(text, language)
    grams = Counter(tuple(units[i : i + 8]) for i in range(len(units) - 7))
    return max(grams.values(), default=0)


def _units(text: str, language: str) -> list[str]:
    if language == "zh":
        return _UNIT.findall(text.casefold())
    return [bare for word in text.casefold().split() if (bare := word.strip(_PUNCTUATION))]


def _killed(path: Path, kills: int) -> dict[str, object]:
    """Kill articles without warning at random moments, resume them, and look at what had been written already."""
    draw = random.Random(1)
    start = time.perf_counter()
    with TemporaryDirectory() as home:
        subprocess.run(_command(path, 0), env=_environ(home), check=True, capture_output=True)
    whole = time.perf_counter() - start
    lost, kept, again, valid = list[int](), list[int](), list[int](), list[bool]()
    for number in range(1, kills + 1):
        with TemporaryDirectory() as home:
            _kill(_command(path, number), _environ(home), lambda: draw.uniform(0.2, 0.9) * whole)
            known, before = _journaled(Path(home)), _drafts(Path(home))
            resume = [*_command(path, number), "--resume"]
            ended = subprocess.run(resume, env=_environ(home), check=True, capture_output=True)
            after = _drafts(Path(home))
        valid.append(json.loads(ended.stdout)["check"]["valid"])
        lost.append(len(before.keys() - known))
        kept.append(len(known))
        new = {after[turn] for turn in after.keys() - before.keys()}
        again.append(len(new & {before[turn] for turn in known}))
    return {
        "articles": kills,
        "finished": len(valid),
        "drafts kept": sum(kept),
        "most drafts lost": max(lost),
        "most sections begun again": max(again),
        "check passed": sum(valid),
    }


def _environ(home: str) -> dict[str, str]:
    return {**os.environ, "AIGC_HOME": home, "AIGC_CONTEXT": str(CONTEXT)}


def _command(path: Path, seed: int) -> list[str]:
    wanted = [TOPICS["en"][seed % 10], "--words", "150", "--sections", "3", "--seed", str(seed)]
    return [sys.executable, "-m", "aigc_cli", "article", *wanted, "-m", str(path), "--json", "-q"]


def _kill(command: list[str], environ: dict[str, str], seconds: Callable[[], float]) -> None:
    """Run ``command`` until it is killed; if it ends before, do it again."""
    while True:
        process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(seconds())
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return


def _journaled(home: Path) -> set[str]:
    """Return the drafts that the record of the run knows."""
    file = next(home.rglob("*.jsonl"), None)  # there is none before the first step
    if file is None:
        return set()
    entries = [json.loads(line)[1] for line in file.read_text(encoding="utf-8").splitlines() if line.endswith("]")]
    lists = [entry for entry in entries if isinstance(entry, list)]
    return {one["turn"] for entry in lists for one in entry if isinstance(one, dict) and one.get("turn")}


def _drafts(home: Path) -> dict[str, str]:
    """Return the drafts, each with the question it answers: the same for all of one section."""
    file = next(home.rglob("aigc.db"), None)
    if file is None:
        return {}
    with closing(sqlite3.connect(file)) as database:
        return dict(database.execute("SELECT id, parent FROM turns WHERE role = 'assistant'").fetchall())
