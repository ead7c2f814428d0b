"""A LoRA from PEFT means the same in llama.cpp."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aigc_cli.core.errors import BadAdapter
from aigc_cli.core.gguf import read_model
from aigc_cli.core.request import AdapterUse
from aigc_cli.engine.llama.adapters import check_adapter
from aigc_cli.engine.llama.engine import LlamaEngine
from aigc_cli.engine.llama.settings import LlamaSettings
from aigc_cli.services.examine import gentle_strength, neutral_text
from aigc_cli.tuning import convert
from aigc_cli.tuning.gate import FIDELITY_LIMIT

pytestmark = [pytest.mark.tune, pytest.mark.filterwarnings("ignore")]  # those of the libraries that train


@pytest.fixture(scope="module")
def weights(model_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the starter model as transformers reads it."""
    from aigc_cli.tuning.train import base

    return base.prepare(model_path, "starter", tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def lora(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """Return the model with a LoRA of random numbers large enough to change every answer, and its folder."""
    import torch
    from peft import LoraConfig, get_peft_model

    from aigc_cli.tuning.train import base
    from aigc_cli.tuning.train.trainers import TARGETS

    torch.manual_seed(3)
    model = get_peft_model(base.load(weights), LoraConfig(r=4, lora_alpha=8, target_modules=TARGETS))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            scale = 0.4 if "q_proj" in name or "k_proj" in name else 0.005
            parameter.data.normal_(0, scale)
    folder = tmp_path_factory.mktemp("lora")
    model.save_pretrained(folder)
    return model, folder


def _distance(model: Any, tokenizer: Any, model_path: Path, adapters: tuple[AdapterUse, ...]) -> float:
    """Return the mean difference of the log-probabilities that transformers and llama.cpp give a text's tokens."""
    from aigc_cli.tuning.train import base

    engine = LlamaEngine(model_path, LlamaSettings(threads=2), lambda notice: None)
    try:
        theirs = engine.score(neutral_text(), (), adapters)
    finally:
        engine.close()
    tokens = tokenizer(neutral_text()).input_ids
    assert tokens[1:] == [token.token for token in theirs]
    ours = base.logprobs(model, tokens, len(theirs))
    return sum(abs(a - b.logprob) for a, b in zip(ours, theirs, strict=True)) / len(theirs)


def test_model_and_adapter_mean_the_same_to_both(
    weights: Path, lora: tuple[Any, Path], model_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over 300 positions both agree on the model and on the adapter; rows left in the other order are caught."""
    from aigc_cli.tuning.train import base

    model, folder = lora
    tokenizer = base.load_tokenizer(weights)
    header = read_model(model_path)
    right, wrong = tmp_path / "right.gguf", tmp_path / "wrong.gguf"
    convert.convert(folder, header, right)
    check_adapter(right, header)
    monkeypatch.setattr(convert, "_permuted", lambda name, half, value, base: value)
    convert.convert(folder, header, wrong)
    same = _distance(model, tokenizer, model_path, (AdapterUse(right),))
    with model.disable_adapter():
        alone = _distance(model, tokenizer, model_path, ())
        effect = _distance(model, tokenizer, model_path, (AdapterUse(right),))
    other = _distance(model, tokenizer, model_path, (AdapterUse(wrong),))
    assert max(alone, same) < FIDELITY_LIMIT < min(other, effect)


def test_an_adapter_that_forgets_is_taken_at_the_greatest_strength_that_does_not(
    lora: tuple[Any, Path], model_path: Path, tmp_path: Path
) -> None:
    """A strength that is written down is what llama.cpp makes of that scale, and the one chosen is within the limit."""
    header, full, half = read_model(model_path), tmp_path / "full.gguf", tmp_path / "half.gguf"
    engine = LlamaEngine(model_path, LlamaSettings(threads=2), lambda notice: None)

    def likelihood(adapter: Path, scale: float) -> float:
        return sum(token.logprob for token in engine.score(neutral_text(), (), (AdapterUse(adapter, scale),)))

    try:
        convert.convert(lora[1], header, full, 0.5)
        convert.convert(lora[1], header, half, 0.25)
        assert likelihood(half, 1.0) == pytest.approx(likelihood(full, 0.5))
        chosen = set()
        for strength in (0.6, 0.3, 0.2, 0.15, 0.1, 0.05):
            convert.convert(lora[1], header, full, strength)
            chosen.add(gentle_strength(engine, full))
        assert 1.0 in chosen
        assert chosen - {1.0}
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"peft_type": "IA3"}, "not a LoRA"),
        ({"use_dora": True}, "use_dora"),
        ({"bias": "all"}, "bias"),
        ({"rank_pattern": {"q_proj": 2}}, "rank_pattern"),
    ],
)
def test_what_llama_cpp_has_not_is_refused_by_name(
    lora: tuple[Any, Path], model_path: Path, tmp_path: Path, change: dict[str, object], named: str
) -> None:
    """Kinds of adapters that would silently mean something else are refused before anything is written."""
    config = json.loads((lora[1] / "adapter_config.json").read_text(encoding="utf-8"))
    (tmp_path / "adapter_config.json").write_text(json.dumps({**config, **change}), encoding="utf-8")
    with pytest.raises(BadAdapter) as caught:
        convert.convert(tmp_path, read_model(model_path), tmp_path / "a.gguf")
    assert named in str(caught.value.params["detail"])
    assert not (tmp_path / "a.gguf").exists()


def test_a_rank_stabilized_lora_is_scaled_as_it_was_trained() -> None:
    """llama.cpp divides alpha by the rank; what PEFT divides by its root is written accordingly."""
    assert convert._alpha({"lora_alpha": 16, "r": 4}) == 16
    assert convert._alpha({"lora_alpha": 16, "r": 4, "use_rslora": True}) == 32
