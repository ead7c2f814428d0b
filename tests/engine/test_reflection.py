"""What learning from votes asks of a real model: which questions are alike, and what it makes of an answer."""

from __future__ import annotations

import pytest

from aigc_cli.core.engine import Engine, Reflective
from aigc_cli.feedback.nearest import EVERYTHING, RELATED, centre, direction, nearest

LIKED = ["What is gravity?", "Tell me about coffee.", "Describe a volcano.", "Explain DNA.", "Why does sleep matter?"]
SAME = ["What is a glacier?", "Tell me about the moon.", "Describe an earthquake.", "Explain inflation."]
OTHER = [
    "Write a Python function that reverses a list.",
    "Translate into French: Good morning, my friend.",
    "Solve 3x + 5 = 20.",
    "用中文写一首关于春天的诗",
    "Write a short poem about autumn.",
]


def test_a_real_model_tells_kinds_of_requests_apart(engine: Engine) -> None:
    """Questions on other topics are near enough to what was liked; code, translations, sums and poems are not."""
    shared = centre(engine.embed(EVERYTHING))
    known = [direction(vector, shared) for vector in engine.embed(LIKED)]

    def similarity(text: str) -> float:
        return nearest(direction(engine.embed([text])[0], shared), known, limit=1)[0][1]

    assert min(map(similarity, SAME)) > RELATED > max(map(similarity, OTHER))


def test_the_states_of_an_answer_tell_how_it_ends(engine: Engine) -> None:
    """The mean is over the answer alone; the end is that of the answer, and differs where it was cut off."""
    assert isinstance(engine, Reflective)
    whole = engine.reflect("What is ice?", "Ice is frozen water.", whole=True)
    size = len(whole) // 2
    assert whole == pytest.approx(engine.reflect("What is ice?", "Ice is frozen water.", whole=True), abs=1e-4)
    cut = engine.reflect("What is ice?", "Ice is frozen water.", whole=False)
    assert whole[size:] != pytest.approx(cut[size:], abs=0.1)
    elsewhere = engine.reflect("Sing!", "Ice is frozen water.", whole=True)
    assert elsewhere[:size] != pytest.approx(whole[:size], abs=0.1)


def test_a_long_answer_is_read_from_its_end(engine: Engine) -> None:
    """An answer longer than what is looked at still has states, and those at its end are of its end."""
    assert isinstance(engine, Reflective)
    endings = [engine.reflect("Count.", "one two three " * 800 + end, whole=False) for end in ("stop", "go on")]
    size = len(endings[0]) // 2
    assert endings[0][size:] != pytest.approx(endings[1][size:], abs=0.1)
