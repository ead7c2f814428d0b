"""What a user can set about the engine that runs a GGUF model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

KvType = Literal["f16", "q8_0", "q4_0"]


@dataclass(frozen=True, slots=True)
class LlamaSettings:
    """How a model is run.

    Attributes:
        context: Tokens that prompt and answer may take together; None is what the model was trained for, at most
            8192. Memory for them is taken as they are needed.
        threads: None is as many as this process has cores for, fewer while other programs keep those busy.
        gpu_layers: Layers to put on a GPU; None is as many as fit.
        flash_attention: "auto" leaves the choice to llama.cpp.
        kv_type: How keys and values are kept; "q8_0" and "q4_0" take a half and a quarter of the memory of "f16".
        batch: Prompt tokens evaluated at once, which are lost if that is cancelled. None is 512 on a GPU; elsewhere 256
            for the smallest of models, and down to 64 for those that take long for each.
        cache: Folder for what is worth keeping from one process to the next: evaluated prompts, and which files
            were found sound. None keeps nothing.
        cache_bytes: Size that the evaluated prompts may have together; the least recently used go first. At 0 none is
            kept, and none used that is there.
        log: File that llama.cpp's own log is appended to; None discards it.
    """

    context: int | None = None
    threads: int | None = None
    gpu_layers: int | None = None
    flash_attention: Literal["auto", "on", "off"] = "auto"
    kv_type: KvType = "f16"
    batch: int | None = None
    cache: Path | None = None
    cache_bytes: int = 2 << 30
    log: Path | None = None
