"""Where the user is in the tree of a conversation, and the ways to go from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.text import N_, Notice

if TYPE_CHECKING:
    from aigc_cli.store import Store


class Thread:
    """A place in a conversation: the turn after which it goes on.

    Going somewhere changes nothing in the history: what was left is still there, and `step` or `go` lead back to it.

    Attributes:
        conversation: Its id; empty before the first question.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.conversation = ""
        self._tip: Turn | None = None

    @property
    def tip(self) -> Turn | None:
        """The turn that the next question follows; None is the beginning."""
        return self._tip

    @tip.setter
    def tip(self, turn: Turn | None) -> None:
        self._tip = turn
        if turn:
            self.conversation = turn.conversation

    def begin(self) -> None:
        """Leave the conversation; the next question begins another."""
        self.tip = None
        self.conversation = ""

    def go(self, ref: str) -> None:
        """Go to a turn, or to the newest turn of a conversation; raises what `Store.follow` raises."""
        self.tip = self.store.follow(ref)

    def path(self) -> list[Turn]:
        """Return the turns that lead here, as they are now."""
        return self.store.path(self.tip.id) if self.tip else []

    def questions(self) -> list[Turn]:
        """Return the questions that lead here; the user knows them by their numbers, from 1."""
        return [turn for turn in self.path() if turn.role == "user"]

    def question(self, number: int | None = None) -> Turn:
        """Return a question by its number, the last one if that is None.

        Raises:
            UsageProblem: if there is none.
        """
        questions = self.questions()
        if not questions:
            raise UsageProblem(detail=Notice(N_("this conversation has no question yet")))
        if number is None:
            return questions[-1]
        if not 1 <= number <= len(questions):
            raise UsageProblem(
                detail=Notice(N_("there is no question {number}; the last one is {count}"), _counted(number, questions))
            )
        return questions[number - 1]

    def answers(self) -> list[Turn]:
        """Return the answers that lead here and have any text."""
        return [turn for turn in self.path() if turn.role == "assistant" and turn.text.strip()]

    def before(self, turn: Turn) -> Turn | None:
        """Return what ``turn`` follows."""
        return self.store.turn(turn.parent) if turn.parent else None

    def take_back(self, count: int = 1) -> Turn:
        """Go to before the last ``count`` questions and return the first of them.

        Raises:
            UsageProblem: if there are not so many.
        """
        questions = self.questions()
        question = self.question(len(questions) - count + 1 if questions else None)
        self.tip = self.before(question)
        return question

    def go_after(self, number: int) -> None:
        """Go to the answer of the question with this number on the way here, or to the question if it has none.

        Raises:
            UsageProblem: if there is no such question.
        """
        path = self.path()
        at = path.index(self.question(number))
        answered = at + 1 < len(path) and path[at + 1].role == "assistant"
        self.tip = path[at + 1] if answered else path[at]

    def tree(self) -> list[Turn]:
        """Return all turns of the conversation in the order in which they were added."""
        return self.store.branch(self.conversation) if self.conversation else []

    def step(self, way: Literal[-1, 1]) -> tuple[int, int] | None:
        """Go to the branch beside this one, and there to its newest turn.

        Branches part where turns have the same parent; of such places on the way here, the last one counts that has
        a branch to go to. Where something follows the present turn, the way forward leads there first.

        Returns:
            Which branch of how many this is now, from 1; None if there is none to go to.
        """
        turns = self.tree()
        children = _children(turns)
        path = self.path()
        if way == 1 and (following := children.get(path[-1].id if path else None)):
            self.tip = _newest(following[-1], children)
            return len(following), len(following)
        for turn in reversed(path):
            siblings = children[turn.parent]
            position = [sibling.id for sibling in siblings].index(turn.id) + way
            if 0 <= position < len(siblings):
                self.tip = _newest(siblings[position], children)
                return position + 1, len(siblings)
        return None

    def place(self) -> tuple[int, int]:
        """Return which of how many siblings the present turn is, from 1; (1, 1) at the beginning."""
        if self.tip is None:
            return 1, 1
        siblings = [turn.id for turn in _children(self.tree())[self.tip.parent]]
        return siblings.index(self.tip.id) + 1, len(siblings)


def _children(turns: Sequence[Turn]) -> dict[str | None, list[Turn]]:
    children: dict[str | None, list[Turn]] = {}
    for turn in turns:
        children.setdefault(turn.parent, []).append(turn)
    return children


def _newest(turn: Turn, children: dict[str | None, list[Turn]]) -> Turn:
    """Return the newest leaf under ``turn``."""
    while turn.id in children:
        turn = children[turn.id][-1]
    return turn


def _counted(number: int, questions: Sequence[Turn]) -> dict[str, object]:
    return {"number": number, "count": len(questions)}
