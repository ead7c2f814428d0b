"""Reading texts without answering them: embeddings, hidden states and log-probabilities."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from typing import Any

from aigc_cli.core.errors import ContextOverflow, EngineError, OutOfMemory
from aigc_cli.core.events import TokenLogprob
from aigc_cli.core.text import N_
from aigc_cli.engine.llama.binding import C, last_errors
from aigc_cli.engine.llama.context import apply_adapters, context_params
from aigc_cli.engine.llama.model import Model
from aigc_cli.engine.llama.settings import LlamaSettings

_BATCH = 512
_REFLECTED = 2048  # tokens of a question and its answer that are looked at


class Reader:
    """Evaluates texts in contexts of its own, made at first use, so that no chat loses its evaluated prompt.

    Args:
        model: The model to read with.
        settings: How.
        threads: Threads to evaluate with.
    """

    def __init__(self, model: Model, settings: LlamaSettings, threads: int) -> None:
        self._model = model
        self._settings = settings
        self._threads = threads
        self._embedder: Any = None
        self._reflector: Any = None

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector of unit length for each text.

        It is the mean of the last hidden states of its tokens. A text longer than 512 tokens is read in parts,
        and its vector is the mean of theirs.
        """
        if self._embedder is None:
            self._embedder = self._open(_BATCH, embeddings=True)
        return [self._embed(text) for text in texts]

    def reflect(self, prompt: Sequence[int], answer: Sequence[int]) -> list[float]:
        """Return the mean of the last hidden states of the tokens of ``answer``, and after it that of its last token.

        What does not fit into 2,048 tokens is left out, first the beginning of the prompt, then that of the answer.
        """
        import numpy as np

        if self._reflector is None:
            self._reflector = self._open(_REFLECTED, embeddings=True, pooled=False)
        answer = list(answer)[-_REFLECTED:]
        room = _REFLECTED - len(answer)
        tokens = [*prompt[-room:], *answer] if room else answer
        first = len(tokens) - len(answer)
        C.llama_memory_clear(C.llama_get_memory(self._reflector), False)
        states = []
        for start in range(0, len(tokens), _BATCH):
            chunk = tokens[start : start + _BATCH]
            self._decode(self._reflector, chunk, start)
            found = C.llama_get_embeddings(self._reflector)
            if not found:
                raise EngineError(detail=N_("the model gives no embeddings"))
            rows = np.ctypeslib.as_array(found, shape=(len(chunk), self._model.dimensions))
            states.append(rows[max(0, first - start) :].copy())
        read = np.concatenate(states)
        return [*map(float, read.mean(axis=0)), *map(float, read[-1])]

    def score(
        self, text: str, window: int, before: Sequence[int] = (), adapters: Sequence[tuple[Any, float]] = ()
    ) -> list[TokenLogprob]:
        """Return every token of ``text`` that follows another with the natural logarithm of its probability.

        Args:
            text: What to score.
            window: Tokens that may be evaluated at most.
            before: The tokens of the prompt that it answers, if it is an answer.
            adapters: The handles of adapters to apply, with their scales.

        Raises:
            ContextOverflow: if there are more than ``window`` tokens.
        """
        from aigc_cli.engine.llama.logprobs import logits_of, logprob_of

        model = self._model
        least = -(-len(text) // model.longest_piece)
        tokens = [] if least > window else model.tokenize(text, special=False)
        needed = len(before) + max(least, len(tokens))
        if needed > window:
            raise ContextOverflow(needed=needed, context=window)
        begin = list(before) or ([model.bos] if model.adds_bos else [])
        inputs = [*begin, *tokens]
        first = len(before) - 1 if before else len(begin)
        scores: list[TokenLogprob] = []
        context = self._open(len(inputs) + 1, embeddings=False)
        try:
            apply_adapters(context, adapters)
            for start in range(0, len(inputs), _BATCH):
                chunk = inputs[start : start + _BATCH]
                self._decode(context, chunk, start)
                for entry in range(len(chunk)):
                    target = start + entry + 1
                    if first < target < len(inputs):
                        logprob = logprob_of(logits_of(context, entry, model.vocabulary), inputs[target])
                        shown = model.piece(inputs[target]).decode("utf-8", "replace")
                        scores.append(TokenLogprob(inputs[target], shown, logprob))
        finally:
            C.llama_free(context)
        return scores

    def close(self) -> None:
        """Free the memory."""
        for context in (self._embedder, self._reflector):
            if context is not None:
                C.llama_free(context)
        self._embedder = self._reflector = None

    def _embed(self, text: str) -> list[float]:
        tokens = self._model.tokenize(text, special=False) or [max(self._model.bos, 0)]
        total = [0.0] * self._model.dimensions
        for start in range(0, len(tokens), _BATCH):
            chunk = tokens[start : start + _BATCH]
            C.llama_memory_clear(C.llama_get_memory(self._embedder), False)
            self._decode(self._embedder, chunk, 0)
            vector = C.llama_get_embeddings_seq(self._embedder, 0)
            if not vector:
                raise EngineError(detail=N_("the model gives no embeddings"))
            total = [a + len(chunk) * b for a, b in zip(total, vector[: self._model.dimensions], strict=True)]
        length = math.sqrt(sum(x * x for x in total)) or 1.0
        return [x / length for x in total]

    def _decode(self, context: Any, tokens: Sequence[int], position: int) -> None:  # noqa: ANN401 - a C pointer
        count = len(tokens)
        zero = ctypes.pointer(ctypes.c_int32(0))
        batch = C.llama_batch(
            n_tokens=count,
            token=(ctypes.c_int32 * count)(*tokens),
            pos=(ctypes.c_int32 * count)(*range(position, position + count)),
            n_seq_id=(ctypes.c_int32 * count)(*([1] * count)),
            seq_id=(ctypes.POINTER(ctypes.c_int32) * count)(*([zero] * count)),
            logits=(ctypes.c_int8 * count)(*([1] * count)),
        )
        status = C.llama_decode(context, batch)
        if status:
            raise EngineError(detail=last_errors() or f"llama_decode: {status}")

    def _open(self, cells: int, *, embeddings: bool, pooled: bool = True) -> Any:  # noqa: ANN401 - a C pointer
        params = context_params(self._settings)
        params.n_ctx = cells
        params.n_batch = params.n_ubatch = _BATCH
        params.n_threads = params.n_threads_batch = self._threads
        params.embeddings = embeddings
        params.pooling_type = C.LLAMA_POOLING_TYPE_MEAN if embeddings and pooled else C.LLAMA_POOLING_TYPE_NONE
        last_errors()
        context = C.llama_init_from_model(self._model.handle, params)
        if not context:
            raise OutOfMemory(detail=last_errors() or N_("the context does not fit"))
        return context
