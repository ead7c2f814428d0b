"""Runs of a generator that were cut off go on where they stopped."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import verse_plugin

from aigc_cli.core.errors import NotResumable
from aigc_cli.core.generator import (
    Artifact,
    Brief,
    Call,
    Check,
    Complete,
    Confirm,
    Edit,
    Embed,
    Flow,
    Generator,
    Score,
    Step,
)
from aigc_cli.core.making import Drafting, Made, MakingEvent
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request
from aigc_cli.engine.echo import EchoEngine
from aigc_cli.services import journal as module
from aigc_cli.services.generate import GenerateService
from aigc_cli.services.journal import Journal
from aigc_cli.services.order import Asking, Order
from aigc_cli.store import Store
from aigc_cli.testing import AIGC, echo_environ

KILLS = 10


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return an empty database."""
    store = Store(tmp_path / "aigc.db")
    yield store
    store.close()


def order(got: list[object], stop_after: int = 99) -> Order:
    """Return an order for every kind of step, twice; what the flow is sent goes to a list, and it may break off."""

    def flow(brief: Brief) -> Flow:
        for word in ("one", "two"):
            asked = Message("user", f"{brief.topic} {word}")
            (draft,) = yield Complete(Request((Message("system", "Write."), asked), logprobs=True), kept=word == "one")
            more: list[Step] = [Score("a b"), Embed(("a",)), Confirm("Go on?"), Edit("text"), Call(lambda: {"n": (1,)})]
            got.append(draft)
            for step in more:
                if len(got) >= stop_after:
                    raise KeyboardInterrupt
                got.append((yield step))
        return Artifact("text", "", "all", Check(True), turn=draft.turn)

    return Order(Generator("try", {"en": "Try."}, flow), "sea")


def run(folder: Path, store: Store, wanted: Order, *, resume: bool) -> list[MakingEvent]:
    """Run an order with a journal; everything that is asked is answered with yes."""
    asking = Asking(lambda step: True, lambda step: step.text + "!")
    service = GenerateService(EchoEngine(), store, "echo", lambda *asked: pytest.fail(str(asked)), asking)
    journal = Journal(folder, wanted.key("echo"), resume=resume)
    try:
        return list(service.make(wanted, threading.Event(), journal))
    finally:
        journal.close()


@pytest.mark.parametrize("stop_after", [1, 2, 4, 8])
def test_a_resumed_flow_is_sent_the_same(tmp_path: Path, store: Store, stop_after: int) -> None:
    """Every kind of result comes back equal and of the same type, and no recorded step is done again."""
    folder = tmp_path / "runs"
    whole: list[object] = []
    run(folder, store, order(whole), resume=False)
    assert list(folder.iterdir()) == [], "a run that came to its end is forgotten"
    begun: list[object] = []
    with pytest.raises(KeyboardInterrupt):
        run(folder, store, order(begun, stop_after), resume=False)
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    resumed: list[object] = []
    events = run(folder, store, order(resumed), resume=True)
    assert isinstance(events[-1], Made)
    assert resumed[:stop_after] == begun
    assert [type(one) for one in resumed] == [type(one) for one in whole]
    assert resumed[1:6] == whole[1:6]
    drafted = [event for event in events if isinstance(event, Drafting)]
    assert len(drafted) == 2 - len([one for one in begun if hasattr(one, "turn")])


def test_another_flow_is_refused(tmp_path: Path, store: Store) -> None:
    """If the steps differ the run is refused; for another topic there is simply nothing to resume."""
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "runs", store, order([], 3), resume=False)

    def flow(brief: Brief) -> Flow:
        yield Score("something else")
        return Artifact("text", "", "other", Check(True))

    wanted = order([])
    other = replace(wanted, generator=replace(wanted.generator, flow=flow))
    with pytest.raises(NotResumable):
        run(tmp_path / "runs", store, other, resume=True)
    assert isinstance(run(tmp_path / "runs", store, replace(other, topic="lake"), resume=True)[-1], Made)


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """A run that is being recorded cannot be resumed, but the same command can begin another one."""
    first = Journal(tmp_path, ["try"], resume=False)
    with pytest.raises(NotResumable):
        Journal(tmp_path, ["try"], resume=True)
    second = Journal(tmp_path, ["try"], resume=False)
    first.write(Score("a"), [])
    assert second.recorded == 0
    second.close()
    first.close()
    with closing(Journal(tmp_path, ["try"], resume=True)) as third:
        assert third.recorded == 0


def test_a_line_that_was_cut_off_is_forgotten(tmp_path: Path) -> None:
    """Whatever part of the last line is there, the steps before it are known, and recording goes on after them."""
    journal = Journal(tmp_path, ["try"], resume=False)
    for text in ("a", "b"):
        journal.write(Edit(text), text)
    journal.close()
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    first = len(whole.splitlines(keepends=True)[0])
    for length in range(first, len(whole) - 1, 7):
        file.write_bytes(whole[:length])
        journal = Journal(tmp_path, ["try"], resume=True)
        assert journal.recall(Edit("a")) == (True, "a")
        assert journal.recall(Edit("b")) == (False, None)
        journal.write(Edit("b"), "b")
        journal.close()
        assert file.read_bytes() == whole


def test_few_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs that stopped longest ago go first."""
    monkeypatch.setattr(module, "MOST_RUNS", 3)
    for i in range(5):
        Journal(tmp_path, [str(i)], resume=False).close()
        for path in tmp_path.iterdir():
            os.utime(path, (path.stat().st_mtime - 10,) * 2)
    names = {path.name for path in tmp_path.iterdir()}
    assert len(names) == 3
    Journal(tmp_path, ["4"], resume=True).close()
    assert {path.name for path in tmp_path.iterdir()} == names, "the newest is among them"


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Killed at random moments, a run comes to the same end by --resume, and only the step in hand is done again."""
    verse_plugin.install(tmp_path)
    env = echo_environ(tmp_path / "home", PYTHONPATH=str(tmp_path), AIGC_MODEL="echo:4")
    command = [*AIGC, "verse", "a grey and endless winter sea at night", "--lines", "9", "--json"]
    chance = random.Random(5)
    runs = tmp_path / "home" / "state" / "runs"
    recorded = 0
    for _ in range(KILLS):
        process = subprocess.Popen([*command, "--resume"], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 1.0))
        process.send_signal(signal.SIGKILL)
        out = process.communicate()[0]
        if out:
            break
        before, recorded = recorded, sum(len(path.read_bytes().splitlines()) for path in runs.glob("*"))
        assert recorded >= before
    else:
        out = subprocess.run([*command, "--resume"], env=env, capture_output=True, check=True).stdout
    made = json.loads(out)
    assert made["text"].splitlines() == [f"a grey and endless winter sea at night {i}" for i in range(9)]
    history = subprocess.run([*AIGC, "history", "list", "--json"], env=env, capture_output=True, check=True).stdout
    answers = [row for row in json.loads(history) if row["role"] == "assistant"]
    assert {row["conversation"] for row in answers} == {made["conversation"]}
    assert 10 <= len(answers) <= 10 + KILLS
