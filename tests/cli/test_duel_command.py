"""``aigc duel``, run as a process on the echo engine."""

from __future__ import annotations

import json

import pytest
from aigc_process import COMMAND, Aigc

from aigc_cli.config.paths import Paths
from aigc_cli.store import Store
from aigc_cli.testing import PtyScreen, echo_environ

BETWEEN = ("--between", "temperature=0.1", "temperature=1.9")


def test_nothing_tells_who_is_who_before_the_choice(aigc: Aigc) -> None:
    """The data has the texts and the duel, the screen the texts and how to choose: no setting, no turn, no figure."""
    data = json.loads(aigc("duel", "cats?", *BETWEEN, "--json", AIGC_MODEL="echo").out)
    assert data == {"duel": data["duel"], "first": {"text": "cats?"}, "second": {"text": "cats?"}, "outcome": None}
    shown = aigc("duel", *BETWEEN, "cats?", AIGC_MODEL="echo")
    assert shown.out == "Answer 1\n\ncats?\n\nAnswer 2\n\ncats?\n"
    said = ["both answers are being written…", "`aigc duel decide first|second|tie|both-bad` keeps your choice"]
    assert shown.err.splitlines() == said


def test_a_choice_is_kept_and_names_the_answers(aigc: Aigc) -> None:
    """The winner is preferred in a pair; a second choice, and a wrong word, are refused; the strengths follow."""
    duel = json.loads(aigc("duel", "cats?", *BETWEEN, "--json", AIGC_MODEL="echo").out)["duel"]
    decided = json.loads(aigc("duel", "decide", "second", duel, "--json").out)
    assert {decided["first"]["settings"], decided["second"]["settings"]} == {"temperature=0.1", "temperature=1.9"}
    assert decided["pair"]["chosen"] == decided["second"]["turn"]
    assert decided["pair"]["rejected"] == decided["first"]["turn"]
    assert aigc("duel", "decide", "first", duel).code == 1
    assert aigc("duel", "decide", "neither").code == 2
    best, worst = json.loads(aigc("duel", "stats", "--json").out)
    assert decided["second"]["settings"] in best["name"]
    assert (best["won"], worst["lost"]) == (1, 1)
    assert json.loads(aigc("feedback", "stats", "--json").out)["duels"] == {"second": 1}
    assert best["name"] in aigc("duel", "stats").out


def test_a_duel_needs_a_prompt_and_known_settings(aigc: Aigc) -> None:
    """Each is said before anything is written."""
    assert aigc("duel", AIGC_MODEL="echo").code == 2
    assert "no contender" in aigc("duel", "x", "--between", "seed", "hot", AIGC_MODEL="echo").err
    assert "no duels between different settings" in aigc("duel", "stats").err


@pytest.mark.parametrize(("key", "outcome"), [("1", "first"), ("b", "both-bad"), ("s", None)])
def test_on_a_terminal_the_choice_is_asked_for(key: str, outcome: str | None) -> None:
    """On a wide terminal the answers stand beside each other; a key decides, and another leaves it for later."""
    paths = Paths.find()
    with PtyScreen(
        [*COMMAND, "duel", *BETWEEN, "cats?"], env=echo_environ(paths.database.parent.parent), columns=120
    ) as screen:
        seen = screen.wait_for("say it later")
        assert "cats?" + " " * 53 + " │ cats?" in seen
        assert "temperature" not in seen
        screen.send(f"{key}\r")
        screen.wait_until(lambda seen: ("answer 1 was" in seen) == (outcome is not None), "no answer to the key")
        assert screen.wait_for_end() == 0
    store = Store(paths.database)
    assert [duel.outcome for duel in store.feedback.duels()] == [outcome]
    store.close()
