"""TRL's trainers, set up for LoRA on a small machine.

SFT: next-token likelihood of liked answers. KTO: Ethayarajh et al. 2024, https://arxiv.org/abs/2402.01306, by default
with the loss of D'Oosterlinck et al. 2024, https://arxiv.org/abs/2408.06266. DPO: Rafailov et al. 2023,
https://arxiv.org/abs/2305.18290. GRPO: Shao et al. 2024, https://arxiv.org/abs/2402.03300. RLOO: Ahmadian et al. 2024,
https://arxiv.org/abs/2402.14740.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets import Dataset
from peft import LoraConfig, PeftModel
from transformers import TrainerCallback
from trl import (
    DPOConfig,
    DPOTrainer,
    GRPOConfig,
    GRPOTrainer,
    KTOConfig,
    KTOTrainer,
    RewardConfig,
    RewardTrainer,
    RLOOConfig,
    RLOOTrainer,
    SFTConfig,
    SFTTrainer,
)

from aigc_cli.tuning.job import Job, Stage
from aigc_cli.tuning.train import base
from aigc_cli.tuning.train.report import Reporter

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
_CHECKPOINTS = 10
_ANSWERS = 4  # to each prompt, compared with each other


@dataclass(frozen=True, slots=True)
class Setting:
    """What a stage begins with: the weights, the adapters of earlier stages, and how numbers are kept."""

    weights: Path
    adapter: Path | None
    judge: Path | None
    precision: str


def make(job: Job, stage: Stage, folder: Path, setting: Setting, reporter: Reporter) -> Any:  # noqa: ANN401 - TRL's own
    """Return the trainer of a stage."""
    kinds: Mapping[str, tuple[Any, Any]] = {
        "sft": (SFTTrainer, SFTConfig),
        "kto": (KTOTrainer, KTOConfig),
        "dpo": (DPOTrainer, DPOConfig),
        "reward": (RewardTrainer, RewardConfig),
        "grpo": (GRPOTrainer, GRPOConfig),
        "rloo": (RLOOTrainer, RLOOConfig),
    }
    trainer, config = kinds[stage.method]
    tokenizer = base.load_tokenizer(setting.weights)
    rows = _rows(job.folder / "dataset" / f"{stage.method}.jsonl")
    options: dict[str, Any] = {"processing_class": tokenizer, "callbacks": [_Watch(stage, reporter)]}
    if stage.method in ("grpo", "rloo"):
        options |= _reward(setting, tokenizer)
    model: Any
    if stage.method == "reward":
        model, options["peft_config"] = base.load_judge(setting.weights), _lora(job, judge=True)
        model.config.pad_token_id = tokenizer.pad_token_id
    elif setting.adapter:
        model = with_adapter(base.load(setting.weights), setting.adapter, trainable=True)
    else:
        model, options["peft_config"] = base.load(setting.weights), _lora(job)
    return trainer(
        model=model, args=config(**_config(job, stage, folder, setting, rows)), train_dataset=rows, **options
    )


def with_adapter(model: Any, folder: Path, *, trainable: bool) -> Any:  # noqa: ANN401 - PEFT's own type
    """Return ``model`` with the adapter in ``folder``."""
    return PeftModel.from_pretrained(model, folder, is_trainable=trainable)


def _rows(path: Path) -> Dataset:
    lines = path.read_text(encoding="utf-8").splitlines()
    return Dataset.from_list([json.loads(line) for line in lines])


def _lora(job: Job, *, judge: bool = False) -> LoraConfig:
    return LoraConfig(
        r=job.rank,
        lora_alpha=2 * job.rank,
        target_modules=TARGETS,
        task_type="SEQ_CLS" if judge else "CAUSAL_LM",
        modules_to_save=["score"] if judge else None,
    )


def _config(job: Job, stage: Stage, folder: Path, setting: Setting, rows: Dataset) -> dict[str, Any]:
    common = {
        "output_dir": str(folder),
        "max_steps": stage.steps,
        "learning_rate": stage.learning_rate,
        "per_device_train_batch_size": stage.batch,
        "seed": job.seed,
        "bf16": setting.precision == "bf16",
        "gradient_checkpointing": job.checkpointing,
        "use_cpu": True,
        "dataloader_pin_memory": False,
        "disable_tqdm": True,
        "report_to": "none",
        "logging_steps": 1,
        "save_strategy": "steps",
        "save_steps": max(1, stage.steps // _CHECKPOINTS),
        "save_total_limit": 2,
    }
    own: dict[str, dict[str, Any]] = {
        "sft": {"max_length": job.max_length},
        "kto": {
            "max_length": job.max_length,
            "beta": stage.beta,
            "loss_type": stage.loss[0] if stage.loss else "apo_zero_unpaired",
            **_weights(rows),
        },
        "dpo": {"max_length": job.max_length, "beta": stage.beta, "loss_type": list(stage.loss) or ["sigmoid", "sft"]},
        "reward": {"max_length": job.max_length},
        "grpo": {"beta": stage.beta, "num_generations": _ANSWERS, "max_completion_length": stage.longest_answer},
        "rloo": {"beta": stage.beta, "num_generations": _ANSWERS, "max_completion_length": stage.longest_answer},
    }
    return common | own[stage.method]


def _weights(rows: Dataset) -> dict[str, float]:
    """Return weights under which liked and disliked answers count the same in all."""
    if "label" not in rows.column_names:
        return {}
    liked = sum(rows["label"])
    disliked = len(rows) - liked
    return {"desirable_weight": disliked / liked if liked and disliked else 1.0}


def _reward(setting: Setting, tokenizer: Any) -> dict[str, Any]:  # noqa: ANN401 - transformers' own type
    """Return the learned reward as TRL takes it: a model that gives a conversation one number."""
    assert setting.judge is not None, "a reward stage comes first"  # noqa: S101
    judge = base.load_judge(setting.weights)
    judge.config.pad_token_id = tokenizer.pad_token_id
    judge = with_adapter(judge, setting.judge, trainable=False).merge_and_unload()
    return {"reward_funcs": [judge], "reward_processing_classes": [tokenizer]}


class _Watch(TrainerCallback):  # type: ignore[misc]  # its annotations are not looked at
    """Reports every step, and ends the training after a checkpoint when it is to stop."""

    def __init__(self, stage: Stage, reporter: Reporter) -> None:
        self._stage = stage
        self._reporter = reporter
        self._started = time.monotonic()

    def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:  # noqa: ANN401
        self._started = time.monotonic()
        self._first = state.global_step

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **more: Any) -> None:  # noqa: ANN401
        if not logs or "loss" not in logs:
            return
        margin = logs.get("rewards/margins", logs.get("margin", logs.get("reward")))
        self._reporter.say(
            "step",
            method=self._stage.method,
            step=state.global_step,
            first=self._first,
            steps=state.max_steps,
            loss=logs["loss"],
            margin=margin,
            seconds=time.monotonic() - self._started,
        )

    def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> Any:  # noqa: ANN401
        if self._reporter.stop.is_set():
            control.should_save = control.should_training_stop = True
        return control
