"""Rows for trainers, from exchanges."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_cli.core.dataset import Exchange, Reply
from aigc_cli.core.message import Message
from aigc_cli.feedback.datasets import as_lines, build, card_text, is_test


def _asked(conversation: str, question: str, *replies: Reply, preferred: Sequence[tuple[str, str]] = ()) -> Exchange:
    return Exchange(conversation, (Message("user", question),), replies, tuple(preferred))


def _reply(turn: str, *, liked: bool | None = None, whole: bool = True, hint: float = 0.0, text: str = "") -> Reply:
    return Reply(turn, text or f"text of {turn}", whole, liked, hint)


BOTH = _asked("c1", "q", _reply("a", liked=True), _reply("b", liked=False), _reply("c", liked=True, whole=False))


def test_rows_have_the_columns_of_their_trainer() -> None:
    """KTO has every vote, SFT the liked ones, DPO and reward a pair of one liked and one disliked."""
    prompt = [{"role": "user", "content": "q"}]
    good, bad = ([{"role": "assistant", "content": f"text of {turn}"}] for turn in "ab")
    assert build([BOTH], "kto").rows == (
        {"prompt": prompt, "completion": good, "label": True},
        {"prompt": prompt, "completion": bad, "label": False},
    )
    assert build([BOTH], "sft").rows == ({"prompt": prompt, "completion": good},)
    assert build([BOTH], "dpo").rows == build([BOTH], "reward").rows
    assert build([BOTH], "dpo").rows == ({"prompt": prompt, "chosen": good, "rejected": bad},)


def test_an_answer_that_was_cut_off_is_no_example() -> None:
    """A liked or chosen answer without its own end is left out and counted; a disliked one stays."""
    data = build([BOTH], "kto")
    assert data.card.left_out == {"cut off": 1}
    cut = _asked("c", "q", _reply("a", liked=False, whole=False), _reply("b", whole=False), preferred=[("b", "a")])
    assert [row["label"] for row in build([cut], "kto").rows] == [False]
    assert build([cut], "dpo").rows == ()


def test_a_comparison_says_more_than_two_votes() -> None:
    """A pair that the user compared is kept once, with its own source, and votes do not turn it round."""
    compared = _asked("c", "q", _reply("a", liked=True), _reply("b", liked=False), preferred=[("b", "a")])
    data = build([compared], "dpo")
    assert [row["chosen"][0]["content"] for row in data.rows] == ["text of b"]
    assert data.card.sources == {"comparison": 1}


def test_hints_are_votes_only_when_wanted() -> None:
    """What the user did counts where there is no vote, and the card says how many rows rest on it."""
    hinted = _asked("c", "q", _reply("a", hint=0.5), _reply("b", liked=False, hint=0.5), _reply("d", hint=-0.4))
    assert [row["label"] for row in build([hinted], "kto").rows] == [False]
    data = build([hinted], "kto", hints=True)
    assert [row["label"] for row in data.rows] == [True, False, False]
    assert data.card.sources == {"hint": 2, "vote": 1}


def test_the_same_row_is_there_once_with_the_newest_vote() -> None:
    """An answer that was given twice to the same question is one row."""
    first = _asked("c1", "q", _reply("a", liked=True, text="same"))
    again = _asked("c2", "q", _reply("b", liked=False, text="same"))
    data = build([first, again], "kto")
    assert [row["label"] for row in data.rows] == [False]
    assert data.card.left_out == {"said before": 1}


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8)), max_size=60), st.integers(0, 60))
def test_the_split_is_stable_and_leaks_nothing(asked: list[tuple[int, int]], early: int) -> None:
    """Conversations are on one side, prompts too, and what was a test stays one when data is added."""
    exchanges = [
        _asked(f"c{conversation}", f"q{question}", _reply(f"{i}", liked=True))
        for i, (conversation, question) in enumerate(asked)
    ]
    train, test = (build(exchanges, "sft", split=part, test_fraction=0.3) for part in ("train", "test"))
    prompts = [{row["prompt"][0]["content"] for row in part.rows} for part in (train, test)]
    tested = {f"q{question}" for conversation, question in asked if is_test(f"c{conversation}", 0.3)}
    assert prompts == [{f"q{question}" for _, question in asked} - tested, tested]
    before = build(exchanges[:early], "sft", split="test", test_fraction=0.3)
    assert {json.dumps(row) for row in before.rows} <= {json.dumps(row) for row in test.rows}


def test_about_the_wished_share_is_for_tests() -> None:
    """The split follows the fraction."""
    share = sum(is_test(f"conversation {i}", 0.15) for i in range(20_000)) / 20_000
    assert share == pytest.approx(0.15, abs=0.01)


def test_the_card_tells_what_is_in_the_rows() -> None:
    """Counts, hash and redactions are of the rows themselves."""
    asked = _asked("c", "I am me@example.org", _reply("a", liked=True), _reply("b", liked=False))
    data = build([asked], "kto", redact=True)
    assert data.card.redacted == {"email": 1}
    assert "example.org" not in "".join(as_lines(data.rows))
    assert data.card.counts == {"disliked": 1, "liked": 1}
    assert data.card.sha256 in card_text(data.card)
    assert build([asked], "kto").card.sha256 != data.card.sha256
