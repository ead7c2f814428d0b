"""Which of many questions are about the same kind of thing as a new one, by a model's own embeddings.

Embeddings of a language model all point in nearly the same direction, so that even texts that have nothing in common
have a cosine near 1. What they share is measured on requests of every kind and taken away first (Mu and Viswanath 2018,
https://arxiv.org/abs/1702.01417); what is left is near 0 for texts that have nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Sequence

EVERYTHING = (
    "Hello",
    "Write a story about a dragon.",
    "Write code that sorts numbers.",
    "Translate this sentence into German.",
    "What is the capital of France?",
    "How do I cook rice?",
    "Compute 12 * 12.",
    "Summarize the text below.",
    "写一封邮件",
    "解释一下什么是人工智能",
    "Give me ideas for a gift.",
    "Rewrite this in a formal tone.",
    "Explain how a car works.",
    "Write a poem.",
    "Fix the bug in this function.",
    "Who was Napoleon?",
)
"""Requests of every kind; what their embeddings share says nothing about any of them."""

RELATED = 0.5
"""The similarity from which two questions count as of the same kind.

With the starter model, questions of one kind on other topics are at 0.51 or more from the nearest of twenty, and code,
translations, poems, sums and letters at 0.49 or less.
"""


def pack(vector: Sequence[float]) -> bytes:
    """Return a vector as it is kept: two bytes a number, which is more precise than any use of it here."""
    import numpy as np

    return np.asarray(vector, dtype="<f2").tobytes()


def unpack(vector: bytes) -> list[float]:
    """Return what `pack` was given, as precisely as it was kept."""
    import numpy as np

    numbers: list[float] = np.frombuffer(vector, dtype="<f2").astype(float).tolist()
    return numbers


def centre(vectors: Sequence[Sequence[float]]) -> bytes:
    """Return what the embeddings of `EVERYTHING` share, packed."""
    import numpy as np

    return pack(np.mean(np.asarray(vectors), axis=0).tolist())


def direction(vector: Sequence[float], shared: bytes) -> bytes:
    """Return what an embedding has besides what is shared, at unit length and packed."""
    import numpy as np

    own = np.asarray(vector) - np.asarray(unpack(shared))
    return pack((own / max(float(np.linalg.norm(own)), 1e-9)).tolist())


def nearest(wanted: bytes, known: Sequence[bytes], *, limit: int, least: float = -1.0) -> list[tuple[int, float]]:
    """Return which of ``known`` are nearest to ``wanted`` and how similar they are, the nearest first.

    Args:
        wanted: What `direction` returned.
        known: The same of others; one of another size is passed over.
        limit: How many to return at most.
        least: The similarity below which nothing is returned.
    """
    import numpy as np

    places = [place for place, vector in enumerate(known) if len(vector) == len(wanted)]
    if not places:
        return []
    packed = np.frombuffer(b"".join([known[place] for place in places]), dtype="<f2").reshape(len(places), -1)
    similar = packed.astype(np.float32) @ np.frombuffer(wanted, dtype="<f2").astype(np.float32)
    order = np.argsort(-similar, kind="stable")[:limit]
    return [(places[at], float(similar[at])) for at in order if similar[at] >= least]
