"""Keeping what a generator has a model write, as turns that can be voted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aigc_cli.core.errors import NoSuchTurn
from aigc_cli.core.lesson import Lesson
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request
from aigc_cli.services.compose import chosen_parameters
from aigc_cli.services.transcript import Transcript

if TYPE_CHECKING:
    from aigc_cli.core.conversation import Turn
    from aigc_cli.store import Store

_TITLE = 80  # characters


@dataclass
class Drafts:
    """The conversation of one run: below what was asked are the drafts, below a draft is what was asked of it.

    Attributes:
        store: Where to keep them; None for nowhere.
        generator: Its name.
        topic: What the user wants; becomes the title.
        model: The name under which answers are kept.
    """

    store: Store | None
    generator: str
    topic: str
    model: str
    _conversation: str = ""
    _asked: dict[tuple[str | None, Message], Turn] = field(default_factory=dict)
    _drafts: dict[str, str] = field(default_factory=dict)

    def begin(self, request: Request, *, kept: bool, adapter: str, template: str) -> tuple[Transcript, Turn | None]:
        """Return what writes the completions of ``request`` down, and the turn they answer if they are kept."""
        asked = self._question(request.messages, template) if self.store and kept else None
        transcript = Transcript(self.store, asked)
        begun = prefill(request)
        for candidate in range(request.candidates):
            transcript.begin(
                candidate,
                model=self.model,
                adapter=adapter,
                template=template,
                generator=self.generator,
                parameters=chosen_parameters(request.sampling, request.max_tokens, request.stop),
            )
            transcript.grow(candidate, begun)
        return transcript, asked

    def remember(self, turn: str, text: str) -> None:
        """Let what is asked next about the draft ``text`` follow it."""
        self._drafts[text.strip()] = turn

    def find(self, turn: str) -> str:
        """Go on below a draft that an earlier run kept; returns its conversation, empty if it is no longer there."""
        if not self.store or not turn:
            return ""
        try:
            *path, draft = self.store.path(turn)
        except NoSuchTurn:
            return ""
        self._conversation = draft.conversation
        self._asked |= {(asked.parent, Message(asked.role, asked.text)): asked for asked in path}
        self.remember(draft.id, draft.text)
        return draft.conversation

    def follows(self, messages: Sequence[Message]) -> bool:
        """Tell whether something is asked about a draft, rather than for the first time."""
        return any(map(self._is_draft, messages))

    def keep_lesson(self, transcript: Transcript, lesson: Lesson) -> None:
        """Keep what the drafts that are being written learn."""
        if self.store and lesson:
            for turn in transcript.turns:
                self.store.lessons.keep_lesson(turn, lesson)

    def _question(self, messages: tuple[Message, ...], template: str) -> Turn:
        """Return the turn of the last question, made where it is new: below the draft it is about, or at the top."""
        at = max((i for i, message in enumerate(messages) if message.role == "user"), default=len(messages) - 1)
        asked, before = messages[at], messages[:at]
        parent = next((self._drafts[m.content.strip()] for m in reversed(before) if self._is_draft(m)), None)
        if parent is None and messages[0].role == "system":
            parent = self._turn(None, messages[0], "").id
        return self._turn(parent, asked, template)

    def _is_draft(self, message: Message) -> bool:
        return message.role == "assistant" and message.content.strip() in self._drafts

    def _turn(self, parent: str | None, message: Message, template: str) -> Turn:
        assert self.store is not None  # noqa: S101 - the caller has looked
        self._conversation = self._conversation or self.store.new_conversation(
            f"{self.generator}: {self.topic[:_TITLE]}"
        )
        if (parent, message) not in self._asked:
            self._asked[parent, message] = self.store.add_turn(
                self._conversation, parent, message.role, message.content, template=template, generator=self.generator
            )
        return self._asked[parent, message]


def prefill(request: Request) -> str:
    """Return the beginning of the answer that the request gives itself; empty if it gives none."""
    return request.messages[-1].content if request.messages[-1].role == "assistant" else ""
