"""Random texts of words whose frequencies follow Zipf's law, as those of real texts do."""

from __future__ import annotations

import random
from collections.abc import Iterator

FREQUENT_CHINESE = [
    "的",
    "我们",
    "学习",
    "机器",
    "模型",
    "可以",
    "一个",
    "问题",
    "如何",
    "数据",
    "代码",
    "什么",
    "因为",
]
FREQUENT_ENGLISH = ["the", "of", "a", "to", "and", "in", "is", "learning", "model", "how", "code", "data", "function"]
VOCABULARY = 8000


def chinese(chance: random.Random) -> Iterator[str]:
    """Yield Chinese texts of up to a few hundred characters."""
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 3500)]
    new = random.Random(0)
    words = FREQUENT_CHINESE + [
        "".join(new.choices(letters, k=new.choice([1, 2, 2, 2, 3, 4]))) for _ in range(VOCABULARY)
    ]
    weights = _zipf(len(words))
    while True:
        drawn = chance.choices(words, weights, k=chance.randint(5, 150))
        yield "".join(word + ("，" if chance.random() < 0.1 else "") for word in drawn) + "。"


def english(chance: random.Random) -> Iterator[str]:
    """Yield English texts of up to 120 words."""
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    new = random.Random(0)
    words = FREQUENT_ENGLISH + ["".join(new.choices(letters, k=new.randint(3, 10))) for _ in range(VOCABULARY)]
    weights = _zipf(len(words))
    while True:
        yield " ".join(chance.choices(words, weights, k=chance.randint(5, 120))) + "."


def _zipf(count: int) -> list[float]:
    return [1 / rank for rank in range(1, count + 1)]
