"""``aigc rate`` and ``aigc feedback``, run as processes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from aigc_process import COMMAND, Aigc

from aigc_cli.config.paths import Paths
from aigc_cli.core.conversation import Turn
from aigc_cli.store import Store
from aigc_cli.testing import PtyScreen


@pytest.fixture
def turns(home: Path) -> list[Turn]:
    """Fill the history: a question with two answers."""
    store = Store(Paths.find().database)
    question = store.add_turn(store.new_conversation(), None, "user", "问？")
    made = [question]
    for seed, text in ((1, "旧的回答"), (50, "a new answer")):
        turn = store.add_turn(question.conversation, question.id, "assistant", "", status="streaming", model="qwen")
        store.finish(turn.id, text, "complete", seed=seed)
        made.append(store.turn(turn.id))
    store.close()
    return made


def test_a_vote_and_what_follows_from_it(aigc: Aigc, turns: list[Turn]) -> None:
    """The newest answer is liked with reasons, which makes a pair with the one before; it is shown, and taken back."""
    _question, old, new = turns
    vote = json.loads(aigc("rate", "up", "--reason", "Clear", "--reason", "short", "--note", "好", "--json").out)
    assert (vote["turn"], vote["value"], vote["reasons"], vote["note"]) == (new.id, 1, ["clear", "short"], "好")
    assert (vote["pair"]["chosen"], vote["pair"]["rejected"]) == (new.id, old.id)
    assert json.loads(aigc("rate", "up", "last", "--json").out) == vote
    assert "+1 clear, short 好" in aigc("history", "show").out
    shown = json.loads(aigc("history", "show", "--json").out)
    assert [turn["vote"] for turn in shown] == [None, {"value": 1, "reasons": ["clear", "short"], "note": "好"}]
    (row,) = json.loads(aigc("feedback", "list", "--json").out)
    assert (row["turn"], row["value"], row["model"], row["text"]) == (new.id, 1, "qwen", new.text)
    assert "there was no such vote" in aigc("rate", "down", "--undo").err
    taken_back = json.loads(aigc("rate", "up", "--undo", "--json").out)
    assert (taken_back["turn"], taken_back["value"], taken_back["pair"]) == (new.id, None, None)
    assert json.loads(aigc("feedback", "list", "--json").out) == []
    assert "no votes yet" in aigc("feedback", "list").err


def test_what_cannot_be_voted_on(aigc: Aigc, turns: list[Turn]) -> None:
    """A question, an unknown id, and taking back with a reason end with an error that says what is wrong."""
    question = aigc("rate", "up", turns[0].id)
    assert question.code == 2
    assert "no answer but a turn of role “user”" in question.err
    assert aigc("rate", "down", "zzz").code == 1
    assert aigc("rate", "up", "--undo", "--note", "x").code == 2
    assert aigc("rate", "edit", "--file", "missing.txt").code == 1
    assert aigc("rate", "edit").code == 2


def test_a_correction_from_a_file_and_from_a_pipe(aigc: Aigc, turns: list[Turn], tmp_path: Path) -> None:
    """The text of a file stands beside the answer, preferred to it; a pipe with the same text adds nothing."""
    (tmp_path / "better.txt").write_text("更好的回答\n", encoding="utf-8")
    made = json.loads(aigc("rate", "edit", turns[1].id, "--file", str(tmp_path / "better.txt"), "--json").out)
    assert made["corrects"] == made["pair"]["rejected"] == turns[1].id
    assert made["turn"] == made["pair"]["chosen"]
    again = aigc("rate", "edit", turns[1].id, "-f", "-", "--json", input="更好的回答")
    assert json.loads(again.out) == made
    assert "更好的回答" in aigc("history", "show", made["turn"]).out


def test_a_correction_in_an_editor(turns: list[Turn], home: Path, tmp_path: Path) -> None:
    """On a terminal the answer is opened in $VISUAL, and what is saved there is the correction."""
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsleep 1.1\necho "corrected" > "$1"\n')  # click looks at the time, in seconds
    editor.chmod(0o755)
    store = Store(Paths.find().database)
    with PtyScreen([*COMMAND, "rate", "edit"], env={**os.environ, "VISUAL": str(editor)}) as screen:
        screen.wait_for("kept your text")
        assert screen.wait_for_end() == 0
    assert store.answer("last").text == "corrected"
    store.close()


def test_the_statistics_count_everything_and_name_the_next_steps(aigc: Aigc, turns: list[Turn]) -> None:
    """Counts by model and day, their intervals, and what each way to learn still needs, as data and for people."""
    aigc("rate", "up", turns[2].id)
    aigc("rate", "down", turns[1].id)
    stats = json.loads(aigc("feedback", "stats", "--json").out)
    assert (stats["votes"]["liked"], stats["votes"]["disliked"], stats["pairs"]) == (1, 1, {"retry": 1})
    assert [(row["name"], row["liked"], row["disliked"]) for row in stats["by_model"]] == [("qwen", 1, 1)]
    assert stats["votes"]["interval"] == pytest.approx([0.0945, 0.9055], abs=1e-4)
    steps = {step["name"]: step for step in stats["next_steps"]}
    assert steps["few-shot"]["ready"]
    assert steps["kto"]["missing"] == {"liked": 19, "disliked": 19, "votes": 98, "pairs": 0}
    (day,) = stats["over_time"]
    assert stats["by_model"][0]["over_time"] == [day]
    shown = aigc("feedback", "stats").out
    assert f"{day['period']}  +1 -1  █░" in shown
    assert "19 thumbs-up, 19 thumbs-down, 98 votes in all" in shown


def test_empty_statistics(aigc: Aigc) -> None:
    """Without any vote every count is 0, and nothing is drawn."""
    assert json.loads(aigc("feedback", "stats", "--json").out)["votes"] == {
        "liked": 0,
        "disliked": 0,
        "share": 0.0,
        "interval": [0.0, 1.0],
    }
    assert aigc("feedback", "stats").code == 0
