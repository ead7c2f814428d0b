"""What votes teach, and votes as files, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from aigc_process import Aigc

from aigc_cli.testing import echo_app

MADE_OF = "What is {} made of, as far as anybody knows?"


def test_a_vote_changes_the_next_answer_and_shows_that_it_did(aigc: Aigc) -> None:
    """The answer names the vote in JSON, on standard error, and when asked why; not with --no-learn or the setting."""
    first = json.loads(aigc("ask", "-m", "echo", "--json", MADE_OF.format("ice")).out)
    assert aigc("rate", "up").code == 0
    asked = ("ask", "-m", "echo", "--json", MADE_OF.format("sand"))
    second = aigc(*asked)
    assert json.loads(second.out)["learned_from"] == [first["id"]]
    assert "learning from 1 of your votes" in second.err
    why = aigc("feedback", "why")
    assert first["id"][:8] in why.out
    assert MADE_OF.format("ice") in why.out
    assert json.loads(aigc("feedback", "why", "--json").out)["learned_from"] == [first["id"]]
    assert json.loads(aigc(*asked, "--no-learn").out)["learned_from"] == []
    assert json.loads(aigc(*asked, AIGC_LEARN="false").out)["learned_from"] == []
    assert json.loads(aigc(*asked, "--no-save").out)["learned_from"] == [first["id"]]


def test_votes_go_out_and_come_in(aigc: Aigc, home: Path, tmp_path: Path) -> None:
    """A file is written with its card, what is asked for is left out, and another home takes the file in once."""
    aigc("ask", "-m", "echo", "write to me@example.org")
    aigc("rate", "up")
    aigc("ask", "-m", "echo", "bad")
    aigc("rate", "down")
    path = tmp_path / "votes.jsonl"
    done = aigc("feedback", "export", "--format", "kto", "--out", str(path), "--redact", "--json")
    card = json.loads(done.out)
    assert (card["rows"], card["counts"], card["redacted"]) == (2, {"disliked": 1, "liked": 1}, {"email": 2})
    assert Path(card["card_file"]).is_file()
    assert "example.org" not in path.read_text()
    other = {"AIGC_HOME": str(home / "other")}
    assert [json.loads(aigc("feedback", "import", str(path), "--json", **other).out)["votes"] for _ in "ab"] == [2, 0]
    assert aigc("feedback", "export", "--format", "kto", "--out", str(tmp_path / "x.csv")).code == 2
    assert aigc("feedback", "import", str(tmp_path / "none.jsonl")).code == 1


def test_picking_says_when_votes_do_not_tell(aigc: Aigc) -> None:
    """Without votes one answer is given and the user told why; without -n there is nothing to pick from."""
    done = aigc("ask", "-m", "echo", "-n", "3", "--pick", "hello")
    assert (done.code, done.out) == (0, "hello\n")
    assert "too few votes" in done.err
    assert aigc("ask", "-m", "echo", "--pick", "hello").code == 2


def test_the_picked_answer_is_the_only_one(aigc: Aigc, home: Path) -> None:
    """With votes that tell, one turn is saved for the question."""
    app = echo_app(home / "aigc")
    for number in range(12):
        for text, value in ((f"roses {number}", 1), (f"12 + {number}", -1)):
            asked = app.store.add_turn(app.store.new_conversation(), None, "user", f"question {number} {value}")
            turn = app.store.add_turn(asked.conversation, asked.id, "assistant", text)
            app.store.feedback.rate(turn, value)  # type: ignore[arg-type]  # 1 or -1
    app.close()
    done = aigc("ask", "-m", "echo", "-n", "3", "--pick", "--json", "hello there")
    answer = json.loads(done.out)
    assert (len(answer["candidates"]), answer["text"]) == (1, "hello there")
    assert "reading 24 answers" in done.err
    (ranker,) = json.loads(aigc("feedback", "stats", "--json").out)["rankers"]
    assert (ranker["model"], ranker["liked"], ranker["disliked"], ranker["trusted"]) == ("echo", 12, 12, True)
    assert "choosing (--pick) with" in aigc("feedback", "stats").out
