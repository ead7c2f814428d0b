"""A LoRA as PEFT saves it made into an adapter for llama.cpp.

The file has for every adapted weight of the model two tensors, ``NAME.lora_a`` and ``NAME.lora_b``, as llama.cpp's own
``convert_lora_to_gguf.py`` writes them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aigc_cli.core.errors import BadAdapter
from aigc_cli.core.gguf import GgufHeader
from aigc_cli.core.text import N_, Notice

ARCHITECTURES = ("llama",)
"""Those whose weights are laid out in GGUF as this module knows, and that transformers reads from there."""

_WEIGHTS = "adapter_model.safetensors"
_UNUSUAL = ("use_dora", "rank_pattern", "alpha_pattern", "lora_bias", "modules_to_save")
_PREFIX = "base_model.model."
_HALVES = {".lora_A.weight": "lora_a", ".lora_B.weight": "lora_b"}


def convert(source: Path, base: GgufHeader, target: Path, strength: float = 1.0) -> None:
    """Write the LoRA in the folder ``source`` as a GGUF adapter for the model with the header ``base``.

    What is used at scale 1 then is the trained LoRA at ``strength``.

    Raises:
        BadAdapter: if it is not a plain LoRA for such a model.
        OSError: if a file cannot be read or written.
    """
    import gguf
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    config = _config(source)
    try:
        tensors = load_file(source / _WEIGHTS)
    except SafetensorError as error:
        raise BadAdapter(path=source / _WEIGHTS, detail=str(error)) from error
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, base.number(f"{base.architecture}.block_count"))
    writer = gguf.GGUFWriter(target, base.architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, strength * _alpha(config))
    for key, value in sorted(tensors.items()):
        stem, half = _split(key, source)
        name = names.get_name(stem, try_suffixes=(".weight",))
        if name is None:
            raise BadAdapter(
                path=source, detail=Notice(N_("the tensor {name!r} does not fit the model"), {"name": key})
            )
        array = _permuted(name, half, value, base)
        writer.add_tensor(f"{name}.weight.{half}", array.astype("float32"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _config(source: Path) -> Mapping[str, Any]:
    path = source / "adapter_config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadAdapter(path=path, detail=str(error)) from error
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        raise BadAdapter(path=path, detail=N_("it is not a LoRA"))
    unusual = [name for name in _UNUSUAL if config.get(name)]
    if config.get("bias", "none") != "none" or unusual:
        raise BadAdapter(
            path=path,
            detail=Notice(N_("it uses {names}, which llama.cpp has not"), {"names": ", ".join(unusual) or "bias"}),
        )
    return config


def _alpha(config: Mapping[str, Any]) -> float:
    """Return the alpha that llama.cpp divides by the rank; rank-stabilized LoRA divides by its root instead."""
    alpha = float(config["lora_alpha"])
    return alpha * math.sqrt(config["r"]) if config.get("use_rslora") else alpha


def _split(key: str, source: Path) -> tuple[str, str]:
    """Return the name of the adapted weight as transformers has it, and which half of its LoRA this is."""
    for ending, half in _HALVES.items():
        if key.startswith(_PREFIX) and key.endswith(ending):
            return key.removeprefix(_PREFIX).removesuffix(ending), half
    raise BadAdapter(path=source, detail=Notice(N_("the tensor {name!r} is not part of a LoRA"), {"name": key}))


def _permuted(name: str, half: str, value: Any, base: GgufHeader) -> Any:  # noqa: ANN401 - numpy's type
    """Reorder the rows of what makes queries and keys.

    transformers rotates the halves of a head against each other, llama.cpp neighbours: rows are interleaved.
    """
    heads = {"attn_q": "attention.head_count", "attn_k": "attention.head_count_kv"}.get(name.rpartition(".")[2])
    if half != "lora_b" or heads is None:
        return value
    count = base.number(f"{base.architecture}.{heads}")
    rows, rank = value.shape
    return value.reshape(count, 2, rows // count // 2, rank).swapaxes(1, 2).reshape(rows, rank)
