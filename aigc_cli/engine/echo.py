"""An engine without a model: it repeats what it was told. For tests, documentation and plugin authors."""

from __future__ import annotations

import hashlib
import math
import re
import threading
import time
from collections.abc import Iterator, Sequence

from aigc_cli.core.engine import EngineInfo
from aigc_cli.core.errors import ContextOverflow
from aigc_cli.core.events import EngineEvent, Finished, FinishReason, TextDelta, Timing, TokenLogprob, Usage
from aigc_cli.core.message import Message
from aigc_cli.core.request import AdapterUse, Request

_TOKEN = re.compile(
    r"\s*(?:[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+)|\s+"
)
_DIMENSIONS = 64


class EchoEngine:
    """Answers every request with the text of its last user message, the same way every time.

    A token is a word with the space before it, or a single Chinese character. Limits, stop strings, candidates,
    cancellation and overflow work as with a real model; sampling, grammars and adapters change nothing.

    Args:
        context: Tokens that fit, prompt and answer together.
        delay: Seconds to wait before every token, to make streaming and cancelling visible.
    """

    def __init__(self, context: int = 4096, delay: float = 0.0) -> None:
        self._context = context
        self._delay = delay

    def info(self) -> EngineInfo:
        """Describe the engine."""
        return EngineInfo(model="echo", context=self._context, backend="echo")

    def count(self, messages: Sequence[Message]) -> int:
        """Return the number of tokens in the messages; a message itself costs nothing."""
        return sum(len(_tokens(message.content)) for message in messages)

    def generate(self, request: Request, cancel: threading.Event) -> Iterator[EngineEvent]:
        """Repeat the last user message, once for every candidate.

        Raises:
            ContextOverflow: if the prompt leaves no room for an answer.
        """
        prompt = self.count(request.messages)
        if prompt >= self._context:
            raise ContextOverflow(needed=prompt + 1, context=self._context)
        limit = self._context - prompt
        if request.max_tokens is not None:
            limit = min(limit, request.max_tokens)
        return self._repeat(request, prompt, limit, cancel)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return unit vectors in which texts that share characters and pairs of them are near each other."""
        return [_embedding(text) for text in texts]

    def reflect(self, question: str, answer: str, *, whole: bool) -> list[float]:
        """Return the embedding of the answer, and whether it is whole."""
        return [*_embedding(answer), float(whole)]

    def score(
        self, text: str, after: Sequence[Message] = (), adapters: Sequence[AdapterUse] = ()
    ) -> list[TokenLogprob]:
        """Score each token as if it were drawn evenly from the distinct tokens of the text."""
        tokens = _tokens(text)
        logprob = -math.log(max(1, len(set(tokens))))
        return [TokenLogprob(_number(token), token, logprob) for token in tokens[not after :]]

    def close(self) -> None:
        """Do nothing: there is nothing to free."""

    def _repeat(self, request: Request, prompt: int, limit: int, cancel: threading.Event) -> Iterator[EngineEvent]:
        answer = next((m.content for m in reversed(request.messages) if m.role == "user"), "")
        cuts = [answer.find(stop) for stop in request.stop if stop and stop in answer]
        tokens = _tokens(answer[: min(cuts)] if cuts else answer)
        started = time.monotonic()
        ttft = 0.0
        done = 0
        reason: FinishReason = "stop" if len(tokens) <= limit else "length"
        for token in tokens[:limit]:
            if self._delay:
                cancel.wait(self._delay)
            if cancel.is_set():
                reason = "interrupted"
                break
            ttft = ttft or (time.monotonic() - started) * 1000
            done += 1
            for candidate in range(request.candidates):
                yield TextDelta(candidate, token)
        seconds = time.monotonic() - started
        for candidate in range(request.candidates):
            yield Finished(
                candidate=candidate,
                reason=reason,
                usage=Usage(prompt_tokens=prompt, reused_tokens=0, completion_tokens=done),
                timing=Timing(ttft_ms=ttft, tokens_per_second=done / seconds if seconds else 0.0),
                seed=(request.sampling.seed or 0) + candidate,
                logprobs=tuple(TokenLogprob(_number(t), t, 0.0) for t in tokens[:done]) if request.logprobs else (),
            )


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _number(token: str) -> int:
    return int.from_bytes(hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=3).digest(), "big")


def _embedding(text: str) -> list[float]:
    folded = text.casefold()
    vector = [0.0] * _DIMENSIONS
    for gram in [*folded, *(folded[i : i + 2] for i in range(len(folded) - 1))]:
        digest = hashlib.blake2b(gram.encode("utf-8", "replace"), digest_size=2).digest()
        vector[digest[0] % _DIMENSIONS] += 1.0 if digest[1] & 1 else -1.0
    length = math.sqrt(sum(x * x for x in vector))
    return [x / length for x in vector] if length else [1.0] + [0.0] * (_DIMENSIONS - 1)
