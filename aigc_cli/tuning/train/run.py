"""The stages of a job, one after the other, each resumed from its last sound checkpoint."""

from __future__ import annotations

import json
import logging
import resource
import shutil
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from aigc_cli.tuning.job import Job, Stage
from aigc_cli.tuning.train import base, trainers
from aigc_cli.tuning.train.report import Reporter, Stopped

_LIBRARIES = ("torch", "transformers", "peft", "trl", "datasets", "accelerate")
_PROBE = (512, 576, 1536)  # a matrix product of a small model
_KIB = 1 if sys.platform == "darwin" else 1024


class Unsuited(Exception):
    """The model cannot be trained here; ``kind`` and ``detail`` as in the event "failed"."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


def run(job: Job, reporter: Reporter) -> None:
    """Train and leave the result in the folder ``adapter`` of the job.

    Raises:
        Unsuited: if transformers cannot read the model, or does not compute what llama.cpp does.
        Stopped: if the reporter said to stop.
    """
    warnings.simplefilter("ignore")
    logging.getLogger("transformers").setLevel(logging.ERROR)
    torch.set_num_threads(job.threads)
    try:
        weights = base.prepare(job.base, job.base_sha256, job.cache)
    except (ValueError, NotImplementedError, KeyError) as error:
        raise Unsuited("unsupported", str(error)) from error
    reporter.say("phase", name="check")
    text = _parity_tokens(job, weights)
    _check_parity(job, text, base.load(weights))
    precision = job.precision if job.precision != "auto" else faster_precision()
    started = time.monotonic()
    adapter: Path | None = None
    judge: Path | None = None
    for number, stage in enumerate(job.stages):
        folder = job.folder / "stages" / f"{number}-{stage.method}"
        done = folder / "adapter"
        if not done.is_dir():
            reporter.say("phase", name=stage.method)
            _train(job, stage, folder, trainers.Setting(weights, adapter, judge, precision), reporter)
        if stage.method == "reward":
            judge = done
        else:
            adapter = done
    result = adapter or judge
    assert result is not None, "a job has a stage"  # noqa: S101
    shutil.copytree(result, job.folder / "adapter", dirs_exist_ok=True)
    reporter.say(
        "done",
        logprobs=_trained_logprobs(job, text, weights, adapter),
        seconds=time.monotonic() - started,
        versions={name: version(name) for name in _LIBRARIES},
        precision=precision,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB,
    )


def faster_precision() -> str:
    """Return "bf16" where this processor multiplies such matrices faster than "float32" ones."""
    rows, inner, columns = _PROBE
    seconds = {}
    for name, kind in (("float32", torch.float32), ("bf16", torch.bfloat16)):
        a, b = torch.randn(rows, inner).to(kind), torch.randn(inner, columns).to(kind)
        a @ b
        started = time.perf_counter()
        for _ in range(5):
            a @ b
        seconds[name] = time.perf_counter() - started
    return min(seconds, key=lambda name: seconds[name])


def _parity_tokens(job: Job, weights: Path) -> list[int]:
    """Return the tokens that both split the text into, from its beginning; raises `Unsuited` if they differ."""
    theirs = list(job.parity_tokens)
    ours = base.load_tokenizer(weights)(job.parity_text).input_ids
    for start in (1, 2):  # after the first token, and perhaps one that marks the beginning
        if ours[start : start + len(theirs)] == theirs:
            return list(ours[: start + len(theirs)])
    raise Unsuited("parity", "the tokens differ")


def _check_parity(job: Job, text: list[int], model: Any) -> None:  # noqa: ANN401 - transformers' own type
    """Hold transformers' opinion of a text against llama.cpp's: the weights must mean the same to both."""
    theirs = job.parity_logprobs
    ours = base.logprobs(model, text, len(theirs))
    distance = sum(abs(a - b) for a, b in zip(ours, theirs, strict=True)) / len(theirs)
    if distance > job.parity_limit:
        raise Unsuited("parity", f"{distance:.3f}")


def _trained_logprobs(job: Job, text: list[int], weights: Path, adapter: Path | None) -> list[float]:
    if adapter is None:
        return []
    model = trainers.with_adapter(base.load(weights), adapter, trainable=False)
    return base.logprobs(model, text, len(job.parity_logprobs))


def _train(job: Job, stage: Stage, folder: Path, setting: trainers.Setting, reporter: Reporter) -> None:
    trainer = trainers.make(job, stage, folder, setting, reporter)
    checkpoint = last_checkpoint(folder)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if reporter.stop.is_set():
        raise Stopped
    draft = folder / "adapter.new"
    shutil.rmtree(draft, ignore_errors=True)
    trainer.save_model(str(draft))
    (draft / "history.json").write_text(json.dumps(trainer.state.log_history), encoding="utf-8")
    draft.replace(folder / "adapter")
    for old in folder.glob("checkpoint-*"):
        shutil.rmtree(old)


def last_checkpoint(folder: Path) -> Path | None:
    """Return the newest checkpoint that was written to its end; what the process was killed over is removed.

    The trainer writes its state last, and that is JSON: half of it is none.
    """
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    while found:
        if _is_whole(found[-1]):
            return found[-1]
        shutil.rmtree(found.pop())
    return None


def _is_whole(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
