"""The token loop: all candidates of a request, decoded together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from aigc_cli.core.events import EngineEvent, Finished, FinishReason, TextDelta, Timing, TokenLogprob, Usage
from aigc_cli.core.request import Request
from aigc_cli.engine.llama.context import Context
from aigc_cli.engine.llama.live import Live
from aigc_cli.engine.llama.model import Model
from aigc_cli.engine.llama.sampler import Sampler
from aigc_cli.engine.llama.text import AnswerText

_LAST = -1


@dataclass(slots=True, eq=False)
class _Answer:
    """One candidate; it is decoded as the sequence of the same number."""

    candidate: int
    sampler: Sampler
    text: AnswerText
    seed: int
    tokens: list[int] = field(default_factory=list)
    logprobs: list[TokenLogprob] = field(default_factory=list)
    reason: FinishReason | None = None
    first: float = 0.0
    last: float = 0.0


class AnswerLoop:
    """Answers one request whose prompt `Live.prepare` has made ready.

    Args:
        budget: Tokens that each candidate may have.
        seed: What candidate 0 draws with; candidate ``i`` draws with ``seed + i``.
        grammar: GBNF for the answers; empty for none.
        started: When the request came, by ``time.monotonic``.

    Raises:
        BadGrammar: if the grammar cannot be read.
    """

    def __init__(
        self,
        model: Model,
        context: Context,
        live: Live,
        request: Request,
        *,
        budget: int,
        seed: int,
        grammar: str,
        started: float,
    ) -> None:
        self._model = model
        self._context = context
        self._live = live
        self._budget = budget
        self._started = started
        self._logprob = _logprob_reader(model, context) if request.logprobs else None
        self._answers: list[_Answer] = []
        try:
            for i in range(request.candidates):
                sampler = Sampler(model, request.sampling, seed + i, grammar)
                self._answers.append(_Answer(i, sampler, AnswerText(request.stop), seed + i))
        except BaseException:
            self._close()
            raise

    def run(self, cancel: threading.Event) -> Iterator[EngineEvent]:
        """Evaluate the prompt and decode; yields the events of the request."""
        try:
            yield from self._live.evaluate(cancel)
            if self._budget > 0 and not cancel.is_set():
                for answer in self._answers[1:]:
                    self._context.copy(0, answer.candidate)
                yield from self._decode(cancel)
            for answer in self._answers:
                if answer.reason is None:
                    answer.reason = "interrupted" if self._budget > 0 else "length"
                    yield from self._finish(answer)
        finally:
            self._live.settle({answer.candidate: answer.tokens for answer in self._answers})
            self._close()

    def _decode(self, cancel: threading.Event) -> Iterator[EngineEvent]:
        active = self._answers
        outputs = [_LAST] * len(active)
        parked: list[_Answer] = []
        while True:
            for answer, output in zip(active, outputs, strict=True):
                yield from self._extend(answer, output)
            active = [answer for answer in active if answer.reason is None]
            if cancel.is_set():
                return
            active = self._fit(active, parked, cancel)
            if not active:
                return
            prompt = len(self._live.prompt)
            self._context.advance(
                [answer.tokens[-1] for answer in active],
                [prompt + len(answer.tokens) - 1 for answer in active],
                [answer.candidate for answer in active],
            )
            outputs = list(range(len(active)))

    def _extend(self, answer: _Answer, output: int) -> Iterator[EngineEvent]:
        """Draw the next token of one candidate and give out the text it completes."""
        token = answer.sampler.draw(self._context.handle, output)
        answer.last = time.monotonic()
        answer.first = answer.first or answer.last
        if self._model.is_end(token):
            answer.reason = "stop"
        else:
            if self._logprob is not None:
                answer.logprobs.append(self._logprob(token, output))
            answer.tokens.append(token)
            text = answer.text.add(self._model.piece(token))
            if text:
                yield TextDelta(answer.candidate, text)
            if answer.text.stopped:
                answer.reason = "stop"
            elif len(answer.tokens) >= self._budget:
                answer.reason = "length"
        if answer.reason is not None:
            yield from self._finish(answer)

    def _finish(self, answer: _Answer) -> Iterator[EngineEvent]:
        rest = answer.text.finish()
        if rest:
            yield TextDelta(answer.candidate, rest)
        count = len(answer.tokens)
        seconds = answer.last - answer.first
        yield Finished(
            candidate=answer.candidate,
            reason=answer.reason or "interrupted",
            usage=Usage(len(self._live.prompt), self._live.reused, count),
            timing=Timing(
                ttft_ms=(answer.first - self._started) * 1000 if answer.first else 0.0,
                tokens_per_second=(count - 1) / seconds if count > 1 and seconds > 0 else 0.0,
            ),
            seed=answer.seed,
            logprobs=tuple(answer.logprobs),
        )

    def _fit(self, active: list[_Answer], parked: list[_Answer], cancel: threading.Event) -> list[_Answer]:
        """Return the candidates there is room for; the others are parked until one of them has finished.

        A parked candidate gives its cells back. When it goes on, its own tokens are evaluated again.
        """
        prompt = len(self._live.prompt)
        used = prompt + sum(len(answer.tokens) for answer in self._answers if answer not in parked)
        if not parked and self._context.reserve(used, len(self._answers)):
            return active
        for answer in self._answers:
            if answer.reason is not None and answer not in parked:
                self._context.truncate(answer.candidate, prompt)
        used = prompt + sum(len(answer.tokens) for answer in active)
        while used > self._context.limit:
            answer = active.pop()
            parked.append(answer)
            self._context.truncate(answer.candidate, prompt)
            used -= len(answer.tokens)
        while parked and used + len(parked[-1].tokens) + len(active) < self._context.limit:
            answer = parked.pop()
            for start in range(0, len(answer.tokens) - 1, self._context.batch):
                part = answer.tokens[:-1][start : start + self._context.batch]
                self._context.evaluate(part, prompt + start, cancel, answer.candidate)
            active.append(answer)
            used += len(answer.tokens)
        return active

    def _close(self) -> None:
        for answer in self._answers:
            answer.sampler.close()


def _logprob_reader(model: Model, context: Context) -> Callable[[int, int], TokenLogprob]:
    """Return a function that gives the log-probability of a token from one output of the last batch."""
    from aigc_cli.engine.llama.logprobs import logits_of, logprob_of

    def read(token: int, output: int) -> TokenLogprob:
        logprob = logprob_of(logits_of(context.handle, output, model.vocabulary), token)
        return TokenLogprob(token, model.piece(token).decode("utf-8", "replace"), logprob)

    return read
