"""What an answer is to learn from earlier votes: examples of what was liked, and advice from what was not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aigc_cli.core.message import Message


@dataclass(frozen=True, slots=True)
class Shown:
    """An earlier answer that the user liked, shown to the model as if it had just been given.

    Attributes:
        turn: The id of the answer.
    """

    turn: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Advice:
    """An instruction that stands for what the user disliked.

    Attributes:
        reason: The tag of the votes, such as "too-long".
        text: The instruction, in the language of the question.
        turns: The ids of answers that were disliked for this reason, the newest first.
    """

    reason: str
    text: str
    turns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """Everything that shapes one answer besides the conversation; empty for nothing."""

    examples: tuple[Shown, ...] = ()
    advice: tuple[Advice, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.examples or self.advice)

    @property
    def turns(self) -> tuple[str, ...]:
        """The ids of all answers whose votes are in it, each once."""
        advised = (turn for advice in self.advice for turn in advice.turns)
        return tuple(dict.fromkeys((*(example.turn for example in self.examples), *advised)))

    def put_into(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """Return ``messages`` with the advice at the end of their system prompt and the examples after that."""
        own = tuple(message for message in messages[:1] if message.role == "system")
        texts = [message.content for message in own]
        if self.advice:
            texts.append(" ".join(advice.text for advice in self.advice))
        system = (Message("system", "\n\n".join(texts)),) if texts else ()
        shown = (
            message
            for example in self.examples
            for message in (Message("user", example.question), Message("assistant", example.answer))
        )
        return (*system, *shown, *messages[len(own) :])
