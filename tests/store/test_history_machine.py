"""Any sequence of what a history goes through, against a list in memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from aigc_cli.core.errors import NoSuchTurn
from aigc_cli.store import Store
from aigc_cli.store.words import Query

TEXTS = st.text(st.sampled_from("学习机器ab+ 。"), max_size=8)


class History(RuleBasedStateMachine):
    """Adds, grows, finishes and deletes turns; the store and ``kept`` stay the same."""

    turns = Bundle("turns")
    growing = Bundle("growing")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name) / "aigc.db")
        self.conversation = self.store.new_conversation()
        self.kept: dict[str, tuple[str | None, str]] = {}

    def _add(self, parent: str | None, text: str, **fields: object) -> str | None:
        try:
            turn = self.store.add_turn(self.conversation, parent, "user", text, **fields)  # type: ignore[arg-type]
        except NoSuchTurn:
            assert parent not in self.kept
            if not self.kept:  # the conversation went with its last turn
                self.conversation = self.store.new_conversation()
            return None
        self.kept[turn.id] = (parent, text)
        return turn.id

    @rule(target=turns, parent=st.none() | turns, text=TEXTS)
    def add(self, parent: str | None, text: str) -> object:
        """Add a turn that is complete."""
        added = self._add(parent, text)
        return added or multiple()

    @rule(target=growing, parent=turns)
    def begin(self, parent: str) -> object:
        """Add an answer that will grow."""
        added = self._add(parent, "", status="streaming")
        return added or multiple()

    @rule(turn=growing, text=TEXTS)
    def grow(self, turn: str, text: str) -> None:
        """Keep what there is of an answer, which may have been deleted."""
        self.store.grow(turn, text)
        if turn in self.kept:
            self.kept[turn] = (self.kept[turn][0], text)

    @rule(target=turns, turn=consumes(growing), text=TEXTS)
    def finish(self, turn: str, text: str) -> str:
        """Complete an answer, which may have been deleted."""
        self.store.finish(turn, text, "complete")
        if turn in self.kept:
            self.kept[turn] = (self.kept[turn][0], text)
        return turn

    @rule(turn=turns | growing)
    def delete(self, turn: str) -> None:
        """Delete a turn with what follows it."""
        doomed = {turn} & self.kept.keys()
        while more := {child for child, (parent, _) in self.kept.items() if parent in doomed} - doomed:
            doomed |= more
        try:
            assert self.store.delete(turn) == len(doomed)
        except NoSuchTurn:
            assert turn not in self.kept
        for gone in doomed:
            del self.kept[gone]

    @invariant()
    def the_store_holds_what_was_kept(self) -> None:
        """Every turn is there with its text, and search finds exactly those that match."""
        expected = list(reversed(self.kept.items()))
        assert [(turn.id, turn.text) for turn in self.store.list_turns(1000)] == [
            (id_, text) for id_, (_, text) in expected
        ]
        for word in ("学习", "机", "a", "+"):
            matching = [id_ for id_, (_, text) in expected if Query(word).matches(text)]
            assert [turn.id for turn in self.store.search(word, 1000)] == matching

    def teardown(self) -> None:
        """Close the file."""
        self.store.close()
        self.folder.cleanup()


TestHistory = History.TestCase
TestHistory.settings = settings(deadline=None, max_examples=40, stateful_step_count=25)
