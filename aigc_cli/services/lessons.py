"""What the votes give to train with, and what of them is held back to test with."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from aigc_cli.core.dataset import TEST_FRACTION, Exchange
from aigc_cli.core.message import Message
from aigc_cli.feedback.datasets import as_lines, build, is_test
from aigc_cli.services.datasets import Wanted, exchanges
from aigc_cli.services.examine import Evidence, Prompt, Vote
from aigc_cli.store import Store
from aigc_cli.tuning.recipes import Data

Rows: TypeAlias = Sequence[Mapping[str, Any]]
_MOST_PREFERENCES = 240
_LIKED = 60
_SEED = 0


@dataclass(frozen=True, slots=True)
class Lessons:
    """Rows for every trainer, and the votes that none of them sees.

    Attributes:
        rows: By the method; in the order in which they are to be learned.
        data: How many there are.
        evidence: What an adapter is examined with.
        sha256: Of all rows.
    """

    rows: Mapping[str, Rows]
    data: Data
    evidence: Evidence
    sha256: str

    def write(self, folder: Path, methods: Sequence[str]) -> None:
        """Freeze in ``folder`` what the trainers of these methods and the examination need."""
        folder.mkdir(parents=True, exist_ok=True)
        for method in methods:
            (folder / f"{method}.jsonl").write_text("".join(as_lines(map(dict, self.rows[method]))), encoding="utf-8")
        (folder / "evidence.json").write_text(json.dumps(_plain(self.evidence), ensure_ascii=False), encoding="utf-8")


def gather(store: Store, generator: str | None) -> Lessons:
    """Return what there is to learn from; the same votes give the same lessons.

    Args:
        store: The history.
        generator: Only votes on answers of this generator; "" is those of none, None is all.
    """
    found = list(exchanges(store, Wanted(generator=generator)))
    draw = random.Random(_SEED)  # noqa: S311 - an order, not a secret
    rows: dict[str, list[dict[str, Any]]] = {
        kind: list(build(found, kind, split="train", test_fraction=TEST_FRACTION).rows)
        for kind in ("sft", "kto", "dpo")
    }
    for kind in rows:
        draw.shuffle(rows[kind])
    rows["reward"] = _preferences(rows["kto"], rows["dpo"], draw)
    prompts = {json.dumps(row["prompt"]): {"prompt": row["prompt"]} for row in rows["kto"]}
    rows["grpo"] = rows["rloo"] = list(prompts.values())
    liked = sum(row["label"] for row in rows["kto"])
    data = Data(liked, len(rows["kto"]) - liked, len(rows["dpo"]), len(rows["reward"]), len(prompts))
    digest = hashlib.sha256("".join(line for kind in rows for line in as_lines(rows[kind])).encode()).hexdigest()
    return Lessons(rows, data, _evidence(found, rows["sft"]), digest)


def read_evidence(folder: Path) -> Evidence:
    """Return what `Lessons.write` froze; raises OSError or ValueError."""
    plain = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    return Evidence(
        [_prompt(prompt) for prompt in plain["questions"]],
        [(_prompt(prompt), text, liked) for prompt, text, liked in plain["votes"]],
        [(_prompt(prompt), text) for prompt, text in plain["liked"]],
    )


def _preferences(votes: Rows, pairs: Rows, draw: random.Random) -> list[dict[str, Any]]:
    """Return pairs of a better and a worse conversation, from which a reward can be learned.

    Answers to the same question come first, then liked answers set against disliked ones to other questions: those say
    less, and make a reward from votes alone.
    """
    found = [{"chosen": row["prompt"] + row["chosen"], "rejected": row["prompt"] + row["rejected"]} for row in pairs]
    liked, disliked = ([row for row in votes if row["label"] is kind] for kind in (True, False))
    if liked and disliked:
        for number in range(min(_MOST_PREFERENCES - len(found), max(len(liked), len(disliked)))):
            better, worse = liked[number % len(liked)], disliked[number % len(disliked)]
            found.append(
                {"chosen": better["prompt"] + better["completion"], "rejected": worse["prompt"] + worse["completion"]}
            )
    draw.shuffle(found)
    return found


def _evidence(found: Sequence[Exchange], sft: Rows) -> Evidence:
    questions: dict[Prompt, None] = {}
    votes: list[Vote] = []
    for exchange in found:
        if is_test(exchange.conversation, TEST_FRACTION):
            questions[exchange.prompt] = None
            judged = [reply for reply in exchange.replies if reply.liked is not None]
            votes += [(exchange.prompt, reply.text, bool(reply.liked)) for reply in judged]
    liked = [(_prompt(row["prompt"]), row["completion"][0]["content"]) for row in sft[:_LIKED]]
    return Evidence(list(questions), votes, liked)


def _prompt(messages: Sequence[Mapping[str, Any]]) -> Prompt:
    return tuple(Message(message["role"], message["content"]) for message in messages)


def _plain(evidence: Evidence) -> dict[str, object]:
    def messages(prompt: Prompt) -> list[dict[str, str]]:
        return [{"role": message.role, "content": message.content} for message in prompt]

    return {
        "questions": [messages(prompt) for prompt in evidence.questions],
        "votes": [(messages(prompt), text, liked) for prompt, text, liked in evidence.votes],
        "liked": [(messages(prompt), text) for prompt, text in evidence.liked],
    }
