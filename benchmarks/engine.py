"""Writing and reading: the engine against what else can be done with the same library.

The bare loop calls the same functions of llama.cpp with the same samplers and does nothing else. The high-level API is
``Llama.create_completion`` of the binding as a stream, once with its own defaults and once given the same samplers, and
flash attention, which the engine uses by default. All use the same number of threads, which the API would not by
itself, and write as many tokens as they are asked for: those that would end the answer are forbidden, or, where that
would be the API's own work, taken for any others. They take turns after every 64 tokens, so that whatever else the
machine does weighs on all alike. With one thread it is the time of the processor that counts, which other programs
hardly change.

Where LLAMA_BENCH and LLAMA_CLI hold the paths of llama.cpp's own programs, these take part; ``llama-bench`` draws no
tokens.
"""

from __future__ import annotations

import codecs
import ctypes
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from aigc_cli.core.events import Finished, TextDelta
from aigc_cli.core.gguf import read_model
from aigc_cli.core.message import Message
from aigc_cli.core.request import AdapterUse, Request, Sampling
from aigc_cli.engine.llama.adapters import Adapters
from aigc_cli.engine.llama.binding import C
from aigc_cli.engine.llama.chat import model_template
from aigc_cli.engine.llama.context import Context, context_params
from aigc_cli.engine.llama.cores import usable_cores
from aigc_cli.engine.llama.engine import LlamaEngine
from aigc_cli.engine.llama.model import Model, load_model
from aigc_cli.engine.llama.settings import LlamaSettings
from benchmarks import _programs
from benchmarks._engine import clock, conversation, engine, starter, without_end, write_adapter

BATCH = 512  # prompt tokens at once: llama.cpp's default
SWAPS = 20
TURN = 64  # tokens


@dataclass(frozen=True)
class Work:
    """Messages of ``read`` tokens to be answered with ``write`` tokens; where that is one, reading is what counts."""

    title: str
    messages: tuple[Message, ...]
    read: int
    write: int


Writer = Callable[[Work], Iterator[str]]
Program = Callable[[Work], float]
"""Does the work and returns its rate in tokens per second."""


def run(
    tokens: int = 512, more: int = 4096, prompt: int = 2048, rounds: int = 3, threads: int = 0
) -> dict[str, dict[str, object]]:
    """Write short and long answers and read a prompt, every contender in turn in every round.

    Args:
        tokens: New tokens of a short answer.
        more: New tokens of a long answer.
        prompt: Tokens of a prompt to read.
        rounds: How often, after 16 tokens that are not counted.
        threads: For all contenders; 0 is one for each core that may be used.
    """
    threads = threads or usable_cores()
    with ExitStack() as stack:
        path = stack.enter_context(starter())
        ours = stack.enter_context(engine(path, threads))
        model = load_model(path, None, print)
        stack.callback(model.close)
        sampling = Sampling(seed=1, logit_bias=without_end(model))
        cells = max(more, prompt) + BATCH
        writers = {
            "aigc": _ours(ours, sampling),
            "bare loop": _bare(model, sampling, threads, cells),
            "high-level API, our samplers": _high_level(model, sampling, threads, cells),
            "high-level API, as it comes": _high_level(model, None, threads, cells),
        }
        programs = _programs_here(path, threads, cells)
        results = _measure(writers, programs, ours, (tokens, more, prompt), rounds, threads)
        return results | _swaps(path, rounds, threads)


def _measure(
    writers: dict[str, Writer],
    programs: dict[str, Program],
    ours: LlamaEngine,
    sizes: tuple[int, int, int],
    rounds: int,
    threads: int,
) -> dict[str, dict[str, object]]:
    rates: dict[str, dict[str, list[float]]] = {name: {} for name in (*writers, *programs)}
    same = dict.fromkeys(writers, True)
    _race(writers, _work(-1, ours, (16, 16))[0], threads)
    for number in range(rounds):
        for work in _work(number, ours, sizes):
            race = _race(writers, work, threads)
            for name, (rate, text) in race.items():
                rates[name].setdefault(work.title, []).append(rate)
                same[name] = same[name] and text == race["aigc"][1]
            for name, program in programs.items():
                rates[name].setdefault(work.title, []).append(program(work))
    return {
        name: _row(rates[name], rates["aigc"]) | ({"same text": same[name]} if name in same else {}) for name in rates
    }


def _race(writers: dict[str, Writer], work: Work, threads: int) -> dict[str, tuple[float, str]]:
    """Let all do the work, a part at a time in turn; return the rate and the text of each."""
    pieces = {name: write(work) for name, write in writers.items()}
    texts: dict[str, list[str]] = {name: [] for name in writers}
    reading, writing = dict.fromkeys(writers, 0.0), dict.fromkeys(writers, 0.0)
    unfinished = list(writers)
    turn = 1
    while unfinished:
        spent = writing if turn > 1 else reading
        for name in list(unfinished):
            start = clock(threads)
            part = list(islice(pieces[name], turn))
            spent[name] += clock(threads) - start
            texts[name] += part
            if not part:
                unfinished.remove(name)
        unfinished.reverse()
        turn = TURN
    count, taken = (work.read, reading) if work.write == 1 else (work.write - 1, writing)
    return {name: (count / taken[name], "".join(texts[name])) for name in writers}


def _work(number: int, ours: LlamaEngine, sizes: tuple[int, ...]) -> list[Work]:
    """Return what there is to do in a round; no prompt begins like that of another round."""
    *answers, prompt = sizes
    story = (Message("system", f"Story {number}."), Message("user", "Tell me a very long story about a dragon."))
    facts = conversation(number, ours, prompt)
    return [
        *(Work(f"{count} new", story, ours.count(story), count) for count in answers),
        Work(f"prompt of {prompt}", facts, ours.count(facts), 1),
    ]


def _row(rates: dict[str, list[float]], ours: dict[str, list[float]]) -> dict[str, object]:
    row: dict[str, object] = {}
    for title, values in rates.items():
        row[f"{title}, tokens/s"] = round(median(values), 1)
        row[f"{title}, aigc / this"] = round(median(a / b for a, b in zip(ours[title], values, strict=True)), 3)
    short, long, _ = rates.values()
    row["long / short"] = round(median(a / b for a, b in zip(long, short, strict=True)), 3)
    return row


def _ours(ours: LlamaEngine, sampling: Sampling) -> Writer:
    def write(work: Work) -> Iterator[str]:
        request = Request(work.messages, sampling, max_tokens=work.write)
        for event in ours.generate(request, threading.Event()):
            if isinstance(event, TextDelta):
                yield event.text
            elif isinstance(event, Finished):
                assert event.usage.completion_tokens == work.write

    return write


def _bare(model: Model, sampling: Sampling, threads: int, cells: int) -> Writer:
    params = context_params(LlamaSettings())
    params.n_ctx = cells
    params.n_threads = params.n_threads_batch = threads
    context = C.llama_init_from_model(model.handle, params)
    buffer = ctypes.create_string_buffer(256)
    one = (C.llama_token * 1)()

    def write(work: Work) -> Iterator[str]:
        C.llama_memory_clear(C.llama_get_memory(context), False)
        prompt = _tokens(model, work.messages)
        for start in range(0, len(prompt), BATCH):
            count = len(prompt[start : start + BATCH])
            part = (C.llama_token * count)(*prompt[start : start + BATCH])
            assert C.llama_decode(context, C.llama_batch_get_one(part, count)) == 0
        chain = C.llama_sampler_chain_init(C.llama_sampler_chain_default_params())
        _add_samplers(chain, model, sampling)
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        for count in range(1, work.write + 1):
            token = one[0] = C.llama_sampler_sample(chain, context, -1)
            size = C.llama_token_to_piece(model.vocab, token, buffer, len(buffer), 0, False)
            yield decode(buffer.raw[:size])
            if count < work.write:
                C.llama_decode(context, C.llama_batch_get_one(one, 1))
        C.llama_sampler_free(chain)

    return write


def _high_level(model: Model, sampling: Sampling | None, threads: int, cells: int) -> Writer:
    """Write with the high-level API, with its own defaults where there are no samplers to give it."""
    from llama_cpp import Llama, internals

    llama = Llama(
        str(model.path),
        n_ctx=cells,
        n_threads=threads,
        n_threads_batch=threads,
        n_gpu_layers=model.gpu_layers,
        flash_attn=sampling is not None,
        verbose=False,
    )

    def samplers(**_: object) -> object:
        assert sampling
        sampler = internals.LlamaSampler()
        _add_samplers(sampler.sampler, model, sampling)
        return sampler

    if sampling:
        llama._init_sampler = samplers  # its own logit bias costs it more than all else, which would prove nothing

    def write(work: Work) -> Iterator[str]:
        prompt = _tokens(model, work.messages)
        with patch.object(C, "llama_vocab_is_eog", C.llama_vocab_is_eog if sampling else lambda *_: False):
            for chunk in llama.create_completion(prompt, max_tokens=work.write, stream=True, seed=1):
                choice: Any = chunk["choices"][0]
                yield choice["text"]
                assert choice["finish_reason"] in (None, "length")

    return write


def _programs_here(path: Path, threads: int, cells: int) -> dict[str, Program]:
    programs: dict[str, Program] = {}
    if bench := os.environ.get("LLAMA_BENCH"):
        programs["llama-bench"] = lambda work: _programs.llama_bench(
            bench, path, threads, *((work.read, 0) if work.write == 1 else (0, work.write))
        )
    if cli := os.environ.get("LLAMA_CLI"):
        programs["llama-cli"] = lambda work: _programs.llama_cli(
            cli, path, threads, _joined(work.messages), cells, work.write
        )
    return programs


def _joined(messages: tuple[Message, ...]) -> str:
    return "\n".join(message.content for message in messages)


def _swaps(path: Path, rounds: int, threads: int) -> dict[str, dict[str, object]]:
    """Time loading the model, loading a LoRA, and going from one that is loaded to another."""
    times: dict[str, list[float]] = {"load a model": [], "load an adapter": [], "swap adapters": []}
    with TemporaryDirectory() as folder:
        files = [Path(folder) / "one.gguf", Path(folder) / "two.gguf"]
        for file, strength in zip(files, (0.01, -0.01), strict=True):
            write_adapter(file, read_model(path), strength)
        for _ in range(rounds):
            start = time.perf_counter()
            model = load_model(path, None, print)
            times["load a model"].append(time.perf_counter() - start)
            context = Context(model, LlamaSettings(), 1024, threads=threads)
            adapters = Adapters(model)
            for turn in range(SWAPS):
                start = time.perf_counter()
                adapters.use([AdapterUse(files[turn % 2])], context)
                times["load an adapter" if turn < len(files) else "swap adapters"].append(time.perf_counter() - start)
            context.close()
            adapters.close()
            model.close()
    whole = median(times["load a model"])
    return {
        name: {"ms": round(1000 * median(taken), 2), "% of a load": round(100 * median(taken) / whole, 2)}
        for name, taken in times.items()
    }


def _tokens(model: Model, messages: tuple[Message, ...]) -> list[int]:
    pieces = model_template(model).pieces(messages)
    return [token for piece in pieces for token in model.tokenize(piece, special=True)]


def _add_samplers(chain: Any, model: Model, s: Sampling) -> None:  # noqa: ANN401 - a C pointer
    biases = [C.llama_logit_bias(token, bias) for token, bias in s.logit_bias.items()]
    array = (C.llama_logit_bias * len(biases))(*biases)
    penalties = (s.repeat_last_n, s.repeat_penalty, s.frequency_penalty, s.presence_penalty)
    for sampler in (
        C.llama_sampler_init_logit_bias(model.vocabulary, len(biases), array),
        C.llama_sampler_init_penalties(model.vocabulary, *penalties),
        C.llama_sampler_init_top_k(s.top_k),
        C.llama_sampler_init_top_p(s.top_p, 1),
        C.llama_sampler_init_min_p(s.min_p, 1),
        C.llama_sampler_init_temp(s.temperature),
        C.llama_sampler_init_dist(s.seed),
    ):
        C.llama_sampler_chain_add(chain, sampler)
