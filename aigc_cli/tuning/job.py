"""What the training process is told, in a JSON file, and what it says, a JSON object to a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

from aigc_cli.core.tuning import Method

Event: TypeAlias = Mapping[str, Any]
"""``event`` is one of:

- "phase": ``name`` is "load", "check", or the method of a stage.
- "step": ``stage``, ``method``, ``step`` of ``steps``, ``loss``, ``margin`` (how much better the liked answers of the
  batch are rated than the disliked; None where there is none) and ``seconds`` since the stage began.
- "done": ``logprobs`` of the parity text under the trained model, ``versions`` of the libraries, ``precision``,
  ``memory`` in bytes at most, ``seconds`` of the steps.
- "stopped": it was asked to; a checkpoint is there.
- "failed": ``kind`` is "unsupported", "parity", "memory", "disk" or "bug", with a ``detail``.
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """One trainer run over one file of rows; a later stage goes on from the adapter of the one before.

    Attributes:
        rows: How many there are in the file ``METHOD.jsonl`` of the dataset.
        steps: Optimizer steps.
        loss: TRL's names of the losses; empty for the method's own.
        beta: Weight of staying near the model that the stage began with; unused by "sft" and "reward".
        longest_answer: Tokens of an answer written during training ("grpo", "rloo").
    """

    method: Method
    rows: int
    steps: int
    learning_rate: float
    batch: int = 4
    loss: tuple[str, ...] = ()
    beta: float = 0.1
    longest_answer: int = 64


@dataclass(frozen=True, slots=True)
class Job:
    """A training run.

    Attributes:
        base: The GGUF file of the model.
        base_sha256: Of that file; names its weights in the cache.
        cache: Folder of the weights as transformers reads them.
        folder: Of this run; it has the ``dataset`` and gets ``stages``, ``adapter`` and ``train.log``.
        stages: In order.
        rank: Of the LoRA; its alpha is twice that.
        max_length: Tokens of a prompt and its answer; what is longer is cut.
        threads: Threads to compute with.
        seed: Of everything that is drawn.
        precision: "auto" takes what is faster on this machine.
        checkpointing: Compute activations twice to save memory.
        parity_text: A text on which llama.cpp and transformers have to agree.
        parity_tokens: Its tokens after the first one as llama.cpp splits it; not all of them.
        parity_logprobs: What llama.cpp thinks of each of these.
        parity_limit: Largest mean difference of the two that is allowed.
    """

    base: Path
    base_sha256: str
    cache: Path
    folder: Path
    stages: tuple[Stage, ...]
    rank: int = 8
    max_length: int = 256
    threads: int = 1
    seed: int = 0
    precision: str = "auto"
    checkpointing: bool = False
    parity_text: str = ""
    parity_tokens: tuple[int, ...] = ()
    parity_logprobs: tuple[float, ...] = ()
    parity_limit: float = 0.0

    def write(self, path: Path) -> None:
        """Write the job to a file."""
        plain = {**asdict(self), **{name: str(getattr(self, name)) for name in ("base", "cache", "folder")}}
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(plain, indent=1), encoding="utf-8")
        draft.replace(path)

    @classmethod
    def read(cls, path: Path) -> Job:
        """Read a job from a file; raises OSError or ValueError."""
        plain = json.loads(path.read_text(encoding="utf-8"))
        stages = tuple(Stage(**{**stage, "loss": tuple(stage["loss"])}) for stage in plain["stages"])
        paths = {name: Path(plain[name]) for name in ("base", "cache", "folder")}
        parity = {name: tuple(plain[name]) for name in ("parity_tokens", "parity_logprobs")}
        return cls(**{**plain, **paths, **parity, "stages": stages})
