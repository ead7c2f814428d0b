"""What must not differ: no times here, but how near results are that should be the same.

Greedy answers are compared with the binding's own, and scores with those from the full logits that it gives. The KL
divergence (in nats, mean over the positions) says how far next-token distributions are from those of a fresh request:
where half of the prompt was written by the model before, where the prompt comes from disk, and where other candidates
are decoded in the same batch.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from aigc_cli.core.message import Message
from aigc_cli.core.request import Request, Sampling
from aigc_cli.engine.llama.context import Context
from aigc_cli.engine.llama.cores import usable_cores
from aigc_cli.engine.llama.logprobs import logits_of
from aigc_cli.engine.llama.model import Model, load_model
from aigc_cli.engine.llama.settings import LlamaSettings
from aigc_cli.engine.llama.states import StateCache
from benchmarks._engine import answer, engine, starter

SUBJECTS = """
dragons; Paris; the sea; cats; love; physics; bread; 机器学习; history; music;
rain; trains; Mars; chess; tea; bees; gold; 长城; dreams; time
"""
TEXT = 12 * (
    "The history of the city of Paris begins with the Parisii, a Celtic tribe that lived on the Seine. "
    "It was conquered by Rome in 52 BC and grew. 机器学习是人工智能的一个分支。 "
)
PREFIX = 256  # tokens before the first position
SEQUENCES = 8
QUESTION = "Tell me a story about a lighthouse."
GREEDY = Sampling(temperature=0, repeat_penalty=1)

Matrix = npt.NDArray[np.float64]


def run(
    prompts: int = 20, tokens: int = 200, positions: int = 200, seeds: int = 3, threads: int = 0
) -> dict[str, dict[str, object]]:
    """Compare.

    Args:
        prompts: How many greedy answers.
        tokens: Longest greedy answer, and answer of a fresh process.
        positions: How many distributions.
        seeds: How many answers are asked for twice, in two fresh processes.
        threads: 0 is one for each core that may be used.
    """
    threads = threads or usable_cores()
    with starter() as path:
        results = _binding(path, prompts, tokens, threads)
        results |= _noise(path, positions, threads)
        return results | {"two fresh processes, same seed": _twice(path, seeds, tokens)}


def _binding(path: Path, prompts: int, tokens: int, threads: int) -> dict[str, dict[str, object]]:
    """Compare greedy answers and a score with what the binding's high-level API gives."""
    questions = [f"Write about {subject.strip()}." for subject in SUBJECTS.split(";")[:prompts]]
    with engine(path, threads) as asked:
        requests = [Request((Message("user", question),), GREEDY, max_tokens=tokens) for question in questions]
        ours = [answer(asked, request).texts.get(0, "") for request in requests]
        score = float(np.mean([token.logprob for token in asked.score(TEXT)]))
    theirs, theirs_score = _theirs(path, questions, tokens, threads)
    return {
        "greedy answers, against the binding's": {
            "equal": sum(a == b for a, b in zip(ours, theirs, strict=True)),
            "of": len(questions),
        },
        "mean log-likelihood, against full logits": {"difference": _figure(abs(score - theirs_score))},
    }


def _theirs(path: Path, questions: list[str], tokens: int, threads: int) -> tuple[list[str], float]:
    from llama_cpp import Llama

    how = {"n_threads": threads, "n_threads_batch": threads, "n_gpu_layers": -1, "flash_attn": True}
    llama = Llama(str(path), n_ctx=2048, logits_all=True, verbose=False, **how)
    answers = []
    for question in questions:
        llama.reset()
        done: Any = llama.create_chat_completion(
            [{"role": "user", "content": question}], temperature=0, repeat_penalty=1, max_tokens=tokens
        )
        answers.append(done["choices"][0]["message"]["content"])
    inputs = llama.tokenize(TEXT.encode(), add_bos=False, special=False)
    llama.reset()
    llama.eval(inputs)
    logprobs = _logprobs(llama.scores[: len(inputs)])
    llama.close()
    return answers, float(np.mean([logprobs[at, token] for at, token in enumerate(inputs[1:])]))


def _noise(path: Path, positions: int, threads: int) -> dict[str, dict[str, object]]:
    """Compare distributions after the same tokens: those of a fresh request, and others."""
    with TemporaryDirectory() as folder:
        model = load_model(path, None, print)
        tokens = model.tokenize(TEXT, special=False)[: PREFIX + positions]
        assert len(tokens) == PREFIX + positions

        def opened() -> Context:
            return Context(model, LlamaSettings(), len(tokens) * SEQUENCES, threads=threads)

        fresh, reused, resumed, beside = opened(), opened(), opened(), opened()
        states = StateCache(Path(folder), 1 << 30)
        _evaluate(fresh, tokens[:PREFIX])
        state = states.save("prefix", fresh, 0, tokens[:PREFIX])
        assert state
        assert states.load(state, resumed)
        _evaluate(reused, tokens[: PREFIX // 2])
        _distributions(reused, model, tokens[:PREFIX], PREFIX // 2)
        _evaluate(beside, tokens[:PREFIX])
        reference = _distributions(fresh, model, tokens, PREFIX)
        others = {
            "prefix reused": _distributions(reused, model, tokens, PREFIX),
            "prefix from disk": _distributions(resumed, model, tokens, PREFIX),
            f"among {SEQUENCES} candidates": _distributions(beside, model, tokens, PREFIX, SEQUENCES),
        }
        for context in (fresh, reused, resumed, beside):
            context.close()
        model.close()
    return {f"KL, {name}": {"mean, nats": _figure(_divergence(reference, found))} for name, found in others.items()}


def _evaluate(context: Context, tokens: Sequence[int]) -> None:
    """Evaluate a prompt as the engine does."""
    for start in range(0, len(tokens), context.batch):
        context.evaluate(tokens[start : start + context.batch], start, threading.Event())


def _distributions(context: Context, model: Model, tokens: Sequence[int], start: int, sequences: int = 1) -> Matrix:
    """Return what follows each token from ``start`` on, evaluated one by one, beside other texts in other sequences."""
    context.reserve(len(tokens) * sequences, sequences)
    for sequence in range(1, sequences):
        context.copy(0, sequence)
    found = []
    for at in range(start, len(tokens)):
        beside = [tokens[(at + 7 * sequence) % len(tokens)] for sequence in range(sequences)]
        context.advance(beside, [at] * sequences, list(range(sequences)))
        found.append(np.array(logits_of(context.handle, 0, model.vocabulary), dtype=np.float64))
    return _logprobs(np.array(found))


def _logprobs(logits: npt.ArrayLike) -> Matrix:
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = shifted - shifted.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _divergence(p: Matrix, q: Matrix) -> float:
    """Return the mean KL divergence of distributions ``q`` from ``p``, given as natural logarithms."""
    return float(np.mean(np.sum(np.exp(p) * (p - q), axis=1)))


def _figure(value: float) -> float:
    return float(f"{value:.1e}")


def _twice(path: Path, seeds: int, tokens: int) -> dict[str, object]:
    """Ask for each answer twice, each time as a user who has used nothing before."""
    equal = 0
    for seed in range(seeds):
        texts = set()
        for _ in range(2):
            with TemporaryDirectory() as home:
                command = [sys.executable, "-m", "aigc_cli", "ask", QUESTION, "-m", str(path), "--raw"]
                options = ["--seed", str(seed), "--max-tokens", str(tokens), "--quiet"]
                environ = {**os.environ, "AIGC_HOME": home}
                done = subprocess.run(
                    [*command, *options], env=environ, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
                )
                texts.add(done.stdout)
        equal += len(texts) == 1
    return {"equal": equal, "of": seeds}
