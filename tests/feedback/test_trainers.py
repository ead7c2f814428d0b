"""The trainers of TRL take exported files as they are; where PyTorch and TRL are not installed this is skipped."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from aigc_cli.core.dataset import DatasetKind, Exchange, Reply
from aigc_cli.core.message import Message
from aigc_cli.feedback.datasets import build
from aigc_cli.feedback.files import write

MISSING = [name for name in ("torch", "trl", "datasets") if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.tune,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.filterwarnings("ignore"),  # those libraries have many
]

EXCHANGES = [
    Exchange(
        f"c{number}",
        (*([Message("system", "Be kind.")] if number % 2 else []), Message("user", f"question {number}?")),
        (Reply(f"a{number}", f"a good answer {number}", True, True), Reply(f"b{number}", f"bad {number}", True, False)),
    )
    for number in range(4)
]
CHAT = (
    "{% for message in messages %}<s>{{ message.role }} {{ message.content }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant {% endif %}"
)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """Give a tokenizer of letters with a chat template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = pre_tokenizers.ByteLevel.alphabet()
    letters = {token: at for at, token in enumerate(["<pad>", "<s>", "</s>", *sorted(alphabet)])}
    made = Tokenizer(models.BPE(letters, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(["<pad>", "<s>", "</s>"])
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", bos_token="<s>", eos_token="</s>", chat_template=CHAT
    )


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
@pytest.mark.parametrize("kind", ["kto", "dpo", "sft", "reward"])
def test_a_trainer_takes_a_step(kind: DatasetKind, form: str, tokenizer: Any, tmp_path: Path) -> None:
    """The file loads with `datasets`, and one step of training on it has a loss that is a number."""
    import math

    import trl
    from datasets import load_dataset
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, LlamaConfig

    path = tmp_path / f"votes.{form}"
    write(path, form, build(EXCHANGES, kind).rows)
    reader = "json" if form == "jsonl" else form
    rows = load_dataset(reader, data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        num_labels=1,
    )
    kinds = AutoModelForSequenceClassification if kind == "reward" else AutoModelForCausalLM
    kinds.from_config(config).save_pretrained(tmp_path / "model")  # KTO reads it again, as its reference
    name = {"kto": "KTO", "dpo": "DPO", "sft": "SFT", "reward": "Reward"}[kind]
    arguments = getattr(trl, f"{name}Config")(
        output_dir=str(tmp_path / "out"),
        max_steps=1,
        per_device_train_batch_size=2,
        logging_steps=1,
        bf16=False,
        report_to="none",
        use_cpu=True,
        save_strategy="no",
        max_length=128,
        disable_tqdm=True,
    )
    trainer = getattr(trl, f"{name}Trainer")(
        model=kinds.from_pretrained(tmp_path / "model"), args=arguments, train_dataset=rows, processing_class=tokenizer
    )
    assert math.isfinite(trainer.train().training_loss)
