"""The weights of a GGUF file as transformers reads them, dequantized once and kept."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer, GgufConfig

_KEPT = 2
"""Models whose weights are kept; each takes four bytes a weight."""


def prepare(gguf: Path, sha256: str, cache: Path) -> Path:
    """Return the folder of the weights and the tokenizer of ``gguf``, making it if it is not there.

    Raises what transformers raises for an architecture that it cannot read from GGUF.
    """
    folder = cache / sha256
    if not folder.is_dir():
        draft = cache / f"{sha256}.{os.getpid()}"
        for stale in cache.glob(f"{sha256}.*"):
            shutil.rmtree(stale, ignore_errors=True)
        draft.mkdir(parents=True)
        source: dict[str, Any] = {"gguf_file": gguf.name}
        plain = GgufConfig(dequantize=True)
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent, dtype=torch.float32, quantization_config=plain, **source
        )
        model.save_pretrained(draft)
        AutoTokenizer.from_pretrained(gguf.parent, **source).save_pretrained(draft)
        draft.replace(folder)
    folder.touch()
    for old in sorted(cache.iterdir(), key=lambda path: path.stat().st_mtime_ns)[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def load(folder: Path) -> Any:  # noqa: ANN401 - transformers' own type
    """Return the model in a folder that `prepare` made."""
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True)


def load_judge(folder: Path) -> Any:  # noqa: ANN401 - transformers' own type
    """Return the model with one number for an output in place of the next token."""
    return AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=torch.float32, num_labels=1, local_files_only=True
    )


def load_tokenizer(folder: Path) -> Any:  # noqa: ANN401 - transformers' own type
    """Return its tokenizer; one without a padding token pads with the end of text, which is never looked at."""
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def logprobs(model: Any, tokens: list[int], count: int) -> list[float]:  # noqa: ANN401 - transformers' own type
    """Return the log-probabilities of the last ``count`` of ``tokens``, each given those before it."""
    model.eval()
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([tokens])).logits[0, :-1].float()
    chosen = logits.log_softmax(-1).gather(1, torch.tensor(tokens[1:])[:, None])[:, 0]
    return [float(value) for value in chosen[-count:]]
