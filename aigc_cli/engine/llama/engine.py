"""The engine that runs a GGUF model in this process."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from aigc_cli.core.engine import EngineInfo
from aigc_cli.core.errors import BadChatTemplate, BadGrammar, ContextOverflow, OutOfMemory, UsageProblem
from aigc_cli.core.events import EngineEvent, TokenLogprob
from aigc_cli.core.message import Message
from aigc_cli.core.request import AdapterUse, Request
from aigc_cli.core.text import N_, Notice
from aigc_cli.engine.llama.adapters import Adapters
from aigc_cli.engine.llama.binding import C, log_to
from aigc_cli.engine.llama.chat import model_template
from aigc_cli.engine.llama.context import Context
from aigc_cli.engine.llama.cores import Governor, usable_cores
from aigc_cli.engine.llama.live import Live
from aigc_cli.engine.llama.loop import AnswerLoop
from aigc_cli.engine.llama.model import Model, fewer_layers, load_model
from aigc_cli.engine.llama.probe import check
from aigc_cli.engine.llama.schema import checked_grammar, schema_grammar
from aigc_cli.engine.llama.settings import LlamaSettings
from aigc_cli.engine.llama.states import StateCache
from aigc_cli.engine.llama.vectors import Reader

_DEFAULT_CONTEXT = 8192
_HUGE = 16  # bytes per token of context above which a lower bound of the tokens is worth computing
_GUESS = 512  # tokens of an answer that memory is taken for at once
_SEEDS = 1 << 31
_STATES = "prompts"


class LlamaEngine:
    """Runs a GGUF model with llama.cpp.

    Args:
        path: The model file; it may come from a stranger.
        settings: How to run it.
        notify: Told what the user should know, such as how much of the model is on a GPU.

    Raises:
        BadModelFile: if the file is not a sound GGUF of a model that continues text.
        BadChatTemplate: if the chat template in it is not a template.
        OutOfMemory: if the model does not fit into memory.
    """

    def __init__(self, path: Path, settings: LlamaSettings, notify: Callable[[Notice], None]) -> None:
        self._closed = False
        log_to(settings.log)
        sha256 = check(path, settings.cache)
        self._model = load_model(path, settings.gpu_layers, notify)
        trained = self._model.trained_context or _DEFAULT_CONTEXT
        self._window = min(settings.context or _DEFAULT_CONTEXT, trained)
        threads = settings.threads or usable_cores()
        self._context = self._open_context(settings, threads, notify)
        keeps = settings.cache and settings.cache_bytes > 0
        states = StateCache(settings.cache / _STATES, settings.cache_bytes) if settings.cache and keeps else None
        self._fingerprint = _fingerprint(sha256, self._model, settings)
        self._live = Live(self._model, self._context, states, self._fingerprint)
        self._adapters = Adapters(self._model)
        self._reader = Reader(self._model, settings, threads)
        self._template = model_template(self._model)

    def info(self) -> EngineInfo:
        """Describe the engine."""
        return EngineInfo(
            model=self._model.name,
            context=self._window,
            layers=self._model.layers,
            gpu_layers=min(self._model.gpu_layers, self._model.layers),
            threads=self._context.threads,
            backend="llama.cpp, GPU" if self._model.gpu_layers else "llama.cpp, CPU",
        )

    def count(self, messages: Sequence[Message]) -> int:
        """Return how many tokens a prompt of these messages takes; a lower bound if it is far too long."""
        return self._least_tokens(messages) or len(self._prompt(messages))

    def generate(self, request: Request, cancel: threading.Event) -> Iterator[EngineEvent]:
        """Answer ``request``; see `aigc_cli.core.engine.Engine`."""
        started = time.monotonic()
        grammar = _grammar(request)
        most = int(C.llama_max_parallel_sequences())
        if not 1 <= request.candidates <= most:
            raise UsageProblem(detail=f"the number of candidates must be from 1 to {most}")
        least = self._least_tokens(request.messages)
        if least:
            raise ContextOverflow(needed=least, context=self._window)
        prompt = self._prompt(request.messages)
        room = self._window - len(prompt)
        if room < 1:
            raise ContextOverflow(needed=len(prompt) + 1, context=self._window)
        budget = room if request.max_tokens is None else min(room, request.max_tokens)
        cells = len(prompt) + (request.candidates * budget if request.candidates > 1 else min(budget, _GUESS))
        if self._adapters.use(request.adapters, self._context):
            self._live.forget()
            self._live.fingerprint = _digest(self._fingerprint, self._adapters.fingerprint)
        self._live.prepare(prompt, min(cells, self._window), request.candidates)
        seed = random.randrange(_SEEDS) if request.sampling.seed is None else request.sampling.seed  # noqa: S311
        loop = AnswerLoop(
            self._model,
            self._context,
            self._live,
            request,
            budget=budget,
            seed=seed,
            grammar=grammar,
            started=started,
        )
        yield from loop.run(cancel)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the mean of the model's last hidden states over each text, at unit length."""
        return self._reader.embed(texts)

    def reflect(self, question: str, answer: str, *, whole: bool) -> list[float]:
        """Return what the model makes of an answer; see `aigc_cli.core.engine.Reflective`."""
        tokens = self._model.tokenize(answer, special=False)
        end = self._model.end_of_turn
        ended = [*tokens, end] if whole and end >= 0 else tokens
        return self._reader.reflect(self._prompt([Message("user", question)]), ended or [max(self._model.bos, 0)])

    def score(
        self, text: str, after: Sequence[Message] = (), adapters: Sequence[AdapterUse] = ()
    ) -> list[TokenLogprob]:
        """Return the tokens of ``text`` with their log-probabilities; see `aigc_cli.core.engine.Engine`."""
        before = self._prompt(after) if after else []
        return self._reader.score(text, self._window, before, self._adapters.load(adapters))

    def close(self) -> None:
        """Free the model. The engine cannot be used afterwards; closing twice does nothing."""
        if self._closed:
            return
        self._closed = True
        self._live.save()
        self._reader.close()
        self._context.close()
        self._adapters.close()
        self._model.close()

    def _open_context(self, settings: LlamaSettings, threads: int, notify: Callable[[Notice], None]) -> Context:
        """Open the context: on a GPU for its full size at once, with fewer layers there until that fits."""
        governor = None if settings.threads else Governor(threads)
        while True:
            try:
                cells = self._window if self._model.gpu_layers else 0
                context = Context(self._model, settings, self._window, cells, threads, governor)
                break
            except OutOfMemory:
                layers = fewer_layers(self._model.path, self._model.gpu_layers, notify)
                self._model.close()
                self._model = load_model(self._model.path, layers, notify)
        if self._model.gpu_layers:
            counts = {"done": self._model.gpu_layers, "total": self._model.layers + 1}
            notify(Notice(N_("{done} of {total} layers of the model are on the GPU"), counts))
        return context

    def _prompt(self, messages: Sequence[Message]) -> list[int]:
        pieces = self._template.pieces(messages)
        model = self._model
        tokens = [model.bos] if model.adds_bos and not pieces[0].startswith(model.literal(model.bos)) else []
        for piece in pieces:
            tokens += model.tokenize(piece, special=True)
        if not tokens:
            raise BadChatTemplate(detail=N_("it writes nothing"))
        return tokens

    def _least_tokens(self, messages: Sequence[Message]) -> int:
        """Return a lower bound of the tokens of texts so long that they cannot fit; 0 if they may fit."""
        size = sum(len(message.content.encode("utf-8", "replace")) for message in messages)
        if size < _HUGE * self._window:
            return 0
        least = -(-size // self._model.longest_piece)
        return least if least >= self._window else 0


def _grammar(request: Request) -> str:
    if request.schema is None:
        return checked_grammar(request.grammar or "")
    if request.grammar:
        raise BadGrammar(detail=N_("a grammar and a schema exclude each other"))
    return schema_grammar(request.schema)


def _fingerprint(sha256: str, model: Model, settings: LlamaSettings) -> str:
    """Name all that evaluated tokens depend on, besides the tokens and the adapters: the weights by their hash."""
    settled = (settings.kv_type, settings.flash_attention, model.gpu_layers)
    return _digest(sha256, C.llama_version().decode("ascii", "replace"), *settled)


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]
