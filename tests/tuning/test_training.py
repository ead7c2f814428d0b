"""From votes to an adapter that answers, with a real training process on the starter model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aigc_cli.app import App
from aigc_cli.cli.main import run
from aigc_cli.engine.llama.engine import LlamaEngine
from aigc_cli.engine.llama.settings import LlamaSettings
from aigc_cli.services import examine
from aigc_cli.store import Store
from aigc_cli.tuning.gate import FIDELITY_LIMIT
from aigc_cli.tuning.job import Job, Stage

pytestmark = [
    pytest.mark.tune,
    pytest.mark.filterwarnings("ignore"),  # those of the libraries that train
    pytest.mark.timeout(900),
]

_PARITY = "The library is open from Monday to Friday, and books may be kept for four weeks."
_TOPICS = "bread cheese coffee honey rice salt sugar tea rain snow wind rivers dogs cats horses bees".split()  # noqa: SIM905


def _vote(store: Store) -> None:
    """Like a short answer to each question and dislike a long one, each question in a conversation of its own."""
    for topic in _TOPICS:
        for form in ("Tell me about {}.", "Why do people care about {}?"):
            conversation = store.new_conversation()
            question = store.add_turn(conversation, None, "user", form.format(topic))
            for text, value in ((f"{topic.title()} matters to many people.", 1), (f"{topic} is " + "very " * 12, -1)):
                answer = store.add_turn(conversation, question.id, "assistant", text, model="starter")
                store.feedback.rate(answer, 1 if value > 0 else -1)


def _printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_votes_become_an_adapter_that_answers_until_it_is_rolled_back(
    model_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Votes, status, train, examine, use, ask, rollback, delete: the whole way by the command line."""
    monkeypatch.setattr(sys, "stdin", None)
    monkeypatch.setattr(examine, "QUESTIONS", 4)
    monkeypatch.setattr(examine, "LONGEST", 24)
    monkeypatch.setattr(examine, "_VOTES", 8)
    assert run(["models", "add", str(model_path), "--alias", "starter"]) == 0
    with Store(App().paths.database).batch():
        pass
    store = Store(App().paths.database)
    _vote(store)
    store.close()
    capsys.readouterr()
    assert run(["tune", "status", "--json"]) == 0
    status = _printed(capsys)
    assert status["liked"] + status["disliked"] + status["held_back"] == 4 * len(_TOPICS)
    assert status["plan"]["stages"][0]["method"] == "sft"
    assert run(["tune", "train", "--method", "sft", "--name", "mine", "--json"]) == 0
    tuned = _printed(capsys)
    assert tuned["state"] in ("passed", "refused")
    checks = {check["name"]: check for check in tuned["gate"]["checks"]}
    assert checks["preference"]["adapter"] > 0.5
    assert checks["conversion"]["passed"]
    assert checks["empty"]["passed"]
    assert Path(tuned["path"]).is_file()
    assert run(["tune", "report", "mine"]) == 0
    page = Path(capsys.readouterr().out.strip()).read_text(encoding="utf-8")
    assert page.count("<svg") == 1
    assert all(text in page for text in ("aigc tune rollback", "perplexity on a neutral text", "<polyline"))
    assert "http" not in page
    assert run(["tune", "use", "mine"]) == 1
    assert run(["tune", "use", "mine:0.8", "--force"]) == 0
    capsys.readouterr()
    question = ["ask", "--json", "--no-learn", "--temperature", "0", "--max-tokens", "12", "Tell me about milk."]
    assert run(question) == 0
    with_adapter = _printed(capsys)
    assert with_adapter["adapter"] == "mine:0.8"
    assert run([*question, "--adapter", "none"]) == 0
    alone = _printed(capsys)
    assert (alone["adapter"], alone["text"] != with_adapter["text"]) == ("", True)
    assert run([*question, "--adapter", "mine:0.8"]) == 0
    assert _printed(capsys)["text"] == with_adapter["text"]
    assert run(["tune", "rollback"]) == 0
    capsys.readouterr()
    assert run(question) == 0
    assert _printed(capsys)["text"] == alone["text"]
    assert run(["tune", "delete", "mine"]) == 0
    assert not Path(tuned["path"]).parent.exists()
    assert run(["tune", "show", "mine"]) == 2


def _job(folder: Path, model_path: Path, cache: Path, steps: int) -> Path:
    rows = [
        {
            "prompt": [{"role": "user", "content": f"Tell me about {topic}."}],
            "completion": [{"role": "assistant", "content": f"{topic.title()} matters to many people."}],
        }
        for topic in _TOPICS
    ]
    (folder / "dataset").mkdir(parents=True)
    (folder / "dataset" / "sft.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    stage = Stage("sft", len(rows), steps, 1e-3, batch=2)
    engine = LlamaEngine(model_path, LlamaSettings(threads=2), lambda notice: None)
    parity = engine.score(_PARITY)
    engine.close()
    Job(
        model_path,
        "starter",
        cache,
        folder,
        (stage,),
        threads=2,
        max_length=128,
        parity_text=_PARITY,
        parity_tokens=tuple(token.token for token in parity),
        parity_logprobs=tuple(token.logprob for token in parity),
        parity_limit=FIDELITY_LIMIT,
    ).write(folder / "job.json")
    return folder / "job.json"


def _start(job: Path) -> subprocess.Popen[bytes]:
    environ = {**os.environ, "HF_HUB_OFFLINE": "1"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-m", "aigc_cli.tuning.train", str(job)], env=environ, **pipes)  # type: ignore[call-overload, no-any-return]


def _follow(process: subprocess.Popen[bytes], until: int | None = None) -> list[dict[str, Any]]:
    """Return the events up to the step ``until``, or to the end."""
    events: list[dict[str, Any]] = []
    assert process.stdout is not None
    for line in process.stdout:
        events.append(json.loads(line))
        if until and events[-1].get("step") == until:
            break
    return events


def test_a_training_that_is_killed_goes_on_from_its_checkpoint(
    model_path: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Killed, then stopped by the end of its input, it resumes each time; the losses are those of a run in one go."""
    cache = tmp_path_factory.mktemp("weights")
    whole, broken = (_job(tmp_path / name, model_path, cache, 10) for name in ("whole", "broken"))
    with _start(whole) as process:
        events = _follow(process)
    losses = {event["step"]: event["loss"] for event in events if event["event"] == "step"}
    assert (events[-1]["event"], list(losses)) == ("done", list(range(1, 11)))
    with _start(broken) as process:
        _follow(process, until=4)
        process.send_signal(signal.SIGKILL)
    with _start(broken) as process:
        again = _follow(process, until=6)
        assert process.stdin is not None
        process.stdin.close()
        again += _follow(process)
    assert again[-1]["event"] == "stopped"
    with _start(broken) as process:
        rest = _follow(process)
    assert rest[-1]["event"] == "done"
    seen = {event["step"]: event["loss"] for event in again + rest if event["event"] == "step"}
    assert min(seen) in (4, 5)
    assert seen[10] == pytest.approx(losses[10], rel=0.1)
    history = json.loads((broken.parent / "stages" / "0-sft" / "adapter" / "history.json").read_text(encoding="utf-8"))
    assert [entry["step"] for entry in history if "loss" in entry] == list(range(1, 11))
