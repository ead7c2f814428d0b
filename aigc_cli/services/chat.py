"""One turn of a conversation: make it fit, save the question, answer, save the answer as it grows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from aigc_cli.core.answer import Answer, Answered, Candidate, Event
from aigc_cli.core.conversation import Turn
from aigc_cli.core.engine import Engine
from aigc_cli.core.errors import AigcError, EngineError, NothingGenerated
from aigc_cli.core.events import Finished, TextDelta, TurnSaved
from aigc_cli.core.lesson import Lesson
from aigc_cli.core.message import Message
from aigc_cli.core.request import AdapterUse, Request, Sampling
from aigc_cli.core.text import N_, Notice
from aigc_cli.services.choice import adapter_names
from aigc_cli.services.fit import Overflow, fit, fits, with_summary
from aigc_cli.services.transcript import Transcript

if TYPE_CHECKING:
    from aigc_cli.services.learning import Learning
    from aigc_cli.store import Store


@dataclass(frozen=True, slots=True)
class Question:
    """What the user wants answered.

    Attributes:
        messages: New messages, the user's question last; before it perhaps a system prompt and a template's examples.
        request: How to answer; its ``messages`` are ignored.
        follows: The turn to continue from; None is the beginning.
        conversation: The id of the one to begin again if ``follows`` is None; empty to start another.
        overflow: What to do if it does not fit.
        template: The reference of the prompt template that made the messages.
        parameters: The sampling settings that the user or the template chose, kept with the answer.
        limit_chosen: The user asked for the limit of the answer, and need not be told when it is reached.
        asked: The turn of the last message where the history has it already, as a child of ``follows``: the answer
            becomes a sibling of those it has.
    """

    messages: tuple[Message, ...]
    request: Request
    follows: Turn | None = None
    overflow: Overflow = "error"
    template: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    asked: Turn | None = None
    limit_chosen: bool = False
    conversation: str = ""


class ChatService:
    """Answers questions with one engine and keeps everything in one store."""

    def __init__(
        self,
        engine: Engine,
        store: Store | None,
        model: str,
        condense: Callable[[str], Sequence[Message]],
        save: bool = True,
        learning: Learning | None = None,
        adapters: tuple[AdapterUse, ...] = (),
    ) -> None:
        """Make a service.

        Args:
            engine: Answers.
            store: Has the conversations to continue and keeps the new turns; None for neither.
            model: The name under which answers are kept.
            condense: Returns the messages that ask for a summary of a text.
            save: Keep the new turns.
            learning: Chooses what answers learn from votes; None for nothing.
            adapters: Applied to every answer.
        """
        self._learning = learning
        self._engine = engine
        self._store = store
        self._model = model
        self._condense = condense
        self._save = save
        self._adapters = adapters

    def ask(self, question: Question, cancel: threading.Event) -> Generator[Event, None, None]:
        """Answer ``question``; `Answered` comes last, unless an error is raised.

        If the caller stops iterating, what there is of the answer is kept and marked as interrupted. If ``cancel`` is
        set while older messages are summarized, nothing is saved and nothing answered.

        Raises:
            ContextOverflow: before anything is saved or evaluated, if the question does not fit.
            NothingGenerated: if no candidate has any text; the empty turns are kept.
            StoreError: before the answer if the question cannot be saved, after it if the answer cannot.
            EngineError: if the engine fails.
        """
        fitted = fit(self._engine, self._messages(question), question.request.max_tokens, question.overflow)
        if fitted.dropped:
            yield _what_went(fitted.dropped, question.overflow)
        summary = self._summarize(fitted.dropped, cancel) if question.overflow == "summarize" else ""
        if fitted.dropped and question.overflow == "summarize" and cancel.is_set():
            return
        if summary:
            fitted = replace(fitted, messages=with_summary(fitted.messages, summary))
        lesson, new = self._lesson(question, fitted.messages)
        if new:
            text = N_("learning from {count} of your votes; `aigc feedback why` shows which")
            yield Notice(text, {"count": len(lesson.turns)})
        asked = self._save_question(question, summary)
        if asked:
            yield TurnSaved(asked.id, asked.conversation, None)
        request = replace(question.request, messages=lesson.put_into(fitted.messages), adapters=self._adapters)
        yield from self._answer(request, question, asked, lesson, cancel)

    def keep(self, question: Question) -> Turn:
        """Save a question without answering it, for the answers that follow; see `Question.asked`."""
        asked = self._save_question(question, "")
        assert asked is not None, "the service saves"  # noqa: S101
        return asked

    def excess(self, question: Question) -> tuple[Message, ...]:
        """Return the oldest messages, without which ``question`` fits; the same as ``overflow`` "drop" leaves out.

        Raises:
            ContextOverflow: if it does not fit without them either.
        """
        return fit(self._engine, self._messages(question), question.request.max_tokens, "drop").dropped

    def _messages(self, question: Question) -> tuple[Message, ...]:
        history = history_messages(self._store.path(question.follows.id)) if self._store and question.follows else ()
        new = question.messages
        if history and history[0].role == new[0].role == "system":
            history = history[1:]
        return joined(new[:1] + history + new[1:] if new[0].role == "system" else history + new)

    def _lesson(self, question: Question, messages: Sequence[Message]) -> tuple[Lesson, bool]:
        """Return what the answer is to learn, and whether there is more than the answer before it learned.

        That is nothing where it would not fit, or where the engine cannot compare texts.
        """
        if self._learning is None:
            return Lesson(), False
        path = self._store.path(question.follows.id) if self._store and question.follows else ()
        known = self._learning.known(path)
        try:
            lesson = self._learning.lesson(question.messages[-1].content, question.template, path)
        except EngineError:
            lesson = known
        if lesson and not fits(self._engine, lesson.put_into(messages), question.request.max_tokens):
            lesson = Lesson()
        return lesson, bool(set(lesson.turns) - set(known.turns))

    def _answer(
        self, request: Request, question: Question, asked: Turn | None, lesson: Lesson, cancel: threading.Event
    ) -> Iterator[Event]:
        transcript = Transcript(self._store, asked)
        left: Literal["interrupted", "failed"] = "interrupted"
        try:
            for candidate in range(request.candidates):
                turn = transcript.begin(
                    candidate,
                    model=self._model,
                    adapter=adapter_names(request.adapters),
                    template=question.template,
                    parameters=dict(question.parameters),
                )
                if asked:
                    yield TurnSaved(turn, asked.conversation, candidate)
                if self._store and turn and lesson:
                    self._store.lessons.keep_lesson(turn, lesson)
            for event in self._engine.generate(request, cancel):
                if isinstance(event, TextDelta):
                    transcript.grow(event.candidate, event.text)
                elif isinstance(event, Finished):
                    transcript.finish(event)
                yield event
        except AigcError:
            left = "failed"
            raise
        finally:
            transcript.abandon(left)
        answer = replace(self._answer_of(transcript, asked, request), learned_from=lesson.turns)
        if answer.finish_reason == "length" and not question.limit_chosen:
            text = N_("the answer was cut at {count} tokens; say “go on” to have the rest")
            yield Notice(text, {"count": answer.completion_tokens})
        yield Answered(answer)
        if transcript.failure:
            raise transcript.failure
        if not any(candidate.text.strip() for candidate in answer.candidates) and not cancel.is_set():
            raise NothingGenerated

    def _answer_of(self, transcript: Transcript, asked: Turn | None, request: Request) -> Answer:
        results = transcript.results()
        turn, text, end = results[0]
        return Answer(
            id=turn,
            conversation=asked.conversation if asked else "",
            model=self._model,
            adapter=adapter_names(request.adapters),
            text=text,
            finish_reason=end.reason,
            prompt_tokens=end.usage.prompt_tokens,
            reused_tokens=end.usage.reused_tokens,
            completion_tokens=end.usage.completion_tokens,
            ttft_ms=end.timing.ttft_ms,
            tokens_per_second=end.timing.tokens_per_second,
            seed=end.seed,
            candidates=tuple(Candidate(id_, said, e.reason, e.usage.completion_tokens) for id_, said, e in results),
            gpu_layers=self._engine.info().gpu_layers,
        )

    def _summarize(self, dropped: Sequence[Message], cancel: threading.Event) -> str:
        """Return a summary of messages, made piece by piece where they are longer than the context."""
        limit = self._engine.info().context // 2
        summary = ""
        for piece in _pieces(dropped, lambda text: self._engine.count(self._condense(text)) <= limit):
            request = Request(
                tuple(self._condense(f"{summary}\n\n{piece}".strip())), Sampling(temperature=0.2), limit // 4
            )
            events = self._engine.generate(request, cancel)
            summary = "".join(event.text for event in events if isinstance(event, TextDelta)).strip()
        return summary

    def _save_question(self, question: Question, summary: str) -> Turn | None:
        if self._store is None or not self._save:
            return None
        if question.asked and not summary:
            return question.asked
        store, parent = self._store, question.follows
        conversation = parent.conversation if parent else question.conversation or store.new_conversation()
        first, last = question.messages[0], question.messages[-1]
        if first.role == "system" and parent is None:
            parent = store.add_turn(conversation, None, "system", first.content)
        if summary:
            parent = store.add_turn(
                conversation, parent.id if parent else None, "system", summary, model=self._model, generator="summarize"
            )
        return store.add_turn(
            conversation, parent.id if parent else None, "user", last.content, template=question.template
        )


def history_messages(path: Sequence[Turn]) -> tuple[Message, ...]:
    """Return what an engine is to see of a conversation.

    A system turn below the root is a summary: it stands for everything above it but the root's system prompt.
    """
    summaries = [i for i, turn in enumerate(path) if turn.role == "system" and turn.parent is not None]
    start = summaries[-1] + 1 if summaries else 0
    messages = tuple(Message(turn.role, turn.text) for turn in path[start:] if turn.text)
    if summaries:
        root = tuple(Message("system", turn.text) for turn in path[:1] if turn.role == "system")
        messages = with_summary(root + messages, path[summaries[-1]].text)
    return messages


def joined(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return ``messages`` with questions that got no answer put before the next question, in one message.

    Many chat templates refuse two messages of the user in a row.
    """
    result: list[Message] = []
    for message in messages:
        if result and message.role == "user" == result[-1].role:
            message = replace(message, content=f"{result.pop().content}\n\n{message.content}")
        result.append(message)
    return tuple(result)


def _pieces(messages: Sequence[Message], fits: Callable[[str], bool]) -> Iterator[str]:
    """Yield the messages as text, as many at a time as fit; one that does not fit alone is cut in halves."""
    texts = [f"{message.role}: {message.content}" for message in messages]
    while texts:
        taken = len(texts)
        while taken > 1 and not fits("\n\n".join(texts[:taken])):
            taken //= 2
        piece = "\n\n".join(texts[:taken])
        if taken == 1 and not fits(piece):
            middle = len(piece) // 2
            texts[:1] = [piece[:middle], piece[middle:]]
            continue
        del texts[:taken]
        yield piece


def _what_went(dropped: Sequence[Message], overflow: Overflow) -> Notice:
    if overflow == "summarize":
        return Notice(
            N_("the conversation does not fit: summarizing its {count} oldest messages"), {"count": len(dropped)}
        )
    return Notice(N_("the conversation does not fit: leaving out its {count} oldest messages"), {"count": len(dropped)})
