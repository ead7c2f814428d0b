"""Duels, on the echo engine."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_cli.app import App
from aigc_cli.core.errors import NoSuchTemplate, SettingError, UsageProblem
from aigc_cli.services.compose import Wish
from aigc_cli.services.duels import Contender, difference, read_contender, standings
from aigc_cli.testing import echo_app

DUELS = 500
CALM, WILD = Contender(sampling={"temperature": 0.1}), Contender(sampling={"temperature": 1.9})


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Give an app on the echo engine."""
    app = echo_app(tmp_path)
    yield app
    app.close()


def test_neither_place_nor_order_tells_who_is_who(app: App) -> None:
    """In 500 duels each contender is shown first, and written first, half of the time, one regardless of the other.

    The bounds are those that a fair coin breaks less than once in a million times.
    """
    arena = app.arena(app.store)
    cells: Counter[tuple[bool, bool]] = Counter()
    for _ in range(DUELS):
        duel = arena.fight(Wish("?"), [CALM, WILD], model="echo", cancel=threading.Event())
        assert duel is not None
        first, second = app.store.turn(duel.first), app.store.turn(duel.second)
        assert {first.parameters["temperature"], second.parameters["temperature"]} == {0.1, 1.9}
        assert first.parent == second.parent
        cells[first.parameters["temperature"] == 0.1, first.id < second.id] += 1
    shown_first = sum(count for (calm, _), count in cells.items() if calm)
    written_first = sum(count for (calm, earlier), count in cells.items() if calm == earlier)
    assert abs(shown_first - DUELS / 2) < 56
    assert abs(written_first - DUELS / 2) < 56
    assert all(abs(count - DUELS / 4) < 49 for count in cells.values())
    assert len(cells) == 4


def test_a_duel_can_be_about_a_question_that_has_answers(app: App) -> None:
    """Both answers become siblings of those that are there, and follow what the question follows."""
    for _event in app.ask(Wish("first?"), model="echo", follow=None, save=True, cancel=threading.Event()):
        pass
    answer = app.store.answer("last")
    asked = app.store.turn(str(answer.parent))
    duel = app.arena(app.store).fight(Wish("first?"), [CALM, WILD], model="echo", cancel=threading.Event(), asked=asked)
    assert duel is not None
    old, *new = app.store.siblings(answer)
    assert old == answer
    assert {duel.first, duel.second} == {turn.id for turn in new}


def test_what_is_wrong_with_a_contender_shows_before_anything_is_written(app: App) -> None:
    """A template that does not exist ends the duel with nothing in the history, whoever has it."""
    with pytest.raises(NoSuchTemplate):
        app.arena(app.store).fight(
            Wish("?"), [Contender(), Contender(template="nope")], model="echo", cancel=threading.Event()
        )
    assert app.store.count_turns() == 0


def test_a_cancelled_duel_is_none(app: App) -> None:
    """The question stays, what was written is marked as interrupted, and no duel waits."""
    cancel = threading.Event()
    cancel.set()
    assert app.arena(app.store).fight(Wish("?"), [CALM, WILD], model="echo", cancel=cancel) is None
    assert app.store.feedback.duels() == []
    assert [turn.status for turn in app.store.list_turns(9)] == ["interrupted", "complete"]


def test_the_system_prompt_is_kept_above_the_question(app: App) -> None:
    """Both contenders see it, and so does what follows."""
    duel = app.arena(app.store).fight(
        Wish("?", system="Be kind."), [CALM, WILD], model="echo", cancel=threading.Event()
    )
    assert duel is not None
    for turn in (duel.first, duel.second):
        assert [(one.role, one.text) for one in app.store.path(turn)][:2] == [("system", "Be kind."), ("user", "?")]


def test_contenders_are_read(app: App) -> None:
    """Settings are checked, several may be joined, and what is none of the keys is refused."""
    read = app.read_turn_setting
    assert read_contender("seed", read) == Contender()
    made = read_contender("temperature=1.1, max_tokens=5,model=m,template=t,adapter=none", read)
    assert made == Contender("m", "t", ("none",), {"temperature": 1.1, "max_tokens": 5})
    wish = made.wish(Wish("?", template="other", variables={"a": "b"}, sampling={"top_k": 3}, max_tokens=9))
    assert (wish.template, wish.variables, wish.max_tokens) == ("t", {}, 5)
    assert wish.sampling == {"top_k": 3, "temperature": 1.1}
    for wrong in ("", "hot", "temperature", "temperature=", "language=en"):
        with pytest.raises(UsageProblem):
            read_contender(wrong, read)
    with pytest.raises(SettingError):
        read_contender("temperature=hot", read)


def test_names_say_what_differs_and_standings_count_it(app: App) -> None:
    """Settings that differ are named, else the seeds; duels of equals and bad ones do not count for the strengths."""
    arena, feedback = app.arena(app.store), app.feedback(app.store)
    cancel = threading.Event()
    for _ in range(3):
        duel = arena.fight(Wish("?"), [Contender(), WILD], model="echo", cancel=cancel)
        assert duel is not None
        first, second = app.store.turn(duel.first), app.store.turn(duel.second)
        wild_first = first.parameters.get("temperature") == 1.9
        assert set(difference(first, second)) == {"temperature=0.7", "temperature=1.9"}
        feedback.decide(duel, "first" if wild_first else "second")
    equal = arena.fight(Wish("?"), [Contender(), Contender()], model="echo", cancel=cancel)
    bad = arena.fight(Wish("?"), [Contender(), WILD], model="echo", cancel=cancel)
    assert equal is not None
    assert bad is not None
    assert difference(app.store.turn(equal.first), app.store.turn(equal.second)) == ("seed=0", "seed=0")
    feedback.decide(equal, "first")
    feedback.decide(bad, "both-bad")
    best, worst = standings(app.store)
    assert (best.name, best.won, best.lost) == ("echo, temperature=1.9, max_tokens=2048", 3, 0)
    assert (worst.won, worst.lost) == (0, 3)
    assert best.chance == pytest.approx(1 - worst.chance)
