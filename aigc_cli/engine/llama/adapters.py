"""LoRA adapters: checked before llama.cpp sees them, loaded once, swapped without reloading the model.

LoRA: Hu et al. 2021, https://arxiv.org/abs/2106.09685.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigc_cli.core.errors import BadAdapter, BadModelFile
from aigc_cli.core.gguf import GgufHeader, GgufTensor, read_header
from aigc_cli.core.request import AdapterUse
from aigc_cli.core.text import N_
from aigc_cli.engine.llama.binding import C, last_errors
from aigc_cli.engine.llama.context import Context
from aigc_cli.engine.llama.model import Model

_EMBEDDINGS = "token_embd.weight"


@dataclass(frozen=True, slots=True)
class _Identity:
    path: Path
    size: int
    changed: int


class Adapters:
    """The adapters of one model.

    Attributes:
        fingerprint: Names the adapters in use and their scales; empty without any.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._loaded: dict[_Identity, Any] = {}
        self.fingerprint = ""

    def use(self, adapters: Sequence[AdapterUse], context: Context) -> bool:
        """Apply ``adapters`` from now on; return whether that changes anything.

        Raises:
            BadAdapter: if one of them is not a sound LoRA of this model; those in use stay in use.
        """
        chosen = [(self._load(use.path), use.scale) for use in adapters if use.scale]
        fingerprint = ";".join(f"{identity}*{scale}" for identity, scale in chosen)
        if fingerprint == self.fingerprint:
            return False
        context.use_adapters([(self._loaded[identity], scale) for identity, scale in chosen])
        self.fingerprint = fingerprint
        return True

    def load(self, adapters: Sequence[AdapterUse]) -> list[tuple[Any, float]]:
        """Return the handles of ``adapters`` with their scales, for a context other than the chat's.

        Raises:
            BadAdapter: if one of them is not a sound LoRA of this model.
        """
        return [(self._loaded[self._load(use.path)], use.scale) for use in adapters if use.scale]

    def close(self) -> None:
        """Free the adapters; the context that uses them has to be freed before."""
        for handle in self._loaded.values():
            C.llama_adapter_lora_free(handle)
        self._loaded.clear()

    def _load(self, path: Path) -> _Identity:
        try:
            facts = path.stat()
        except OSError as error:
            raise BadAdapter(path=path, detail=error.strerror or str(error)) from error
        identity = _Identity(path, facts.st_size, facts.st_mtime_ns)
        if identity not in self._loaded:
            check_adapter(path, self._model.header)
            last_errors()
            handle = C.llama_adapter_lora_init(self._model.handle, str(path).encode("utf-8", "surrogateescape"))
            if not handle:
                raise BadAdapter(path=path, detail=last_errors() or N_("llama.cpp cannot load it"))
            self._loaded[identity] = handle
        return identity


def check_adapter(path: Path, base: GgufHeader) -> None:
    """Check that ``path`` is a LoRA made for a model with the header ``base``.

    Raises:
        BadAdapter: if it is not.
    """
    try:
        header = read_header(path)
    except BadModelFile as error:
        raise BadAdapter(path=path, detail=error.params["detail"]) from error
    flaw = _flaw(header, base)
    if flaw:
        raise BadAdapter(path=path, detail=flaw)


def _flaw(header: GgufHeader, base: GgufHeader) -> str:
    if header.text("general.type") != "adapter":
        return N_("it is not an adapter")
    if header.text("adapter.type") != "lora":
        return N_("it is not a LoRA")
    if header.architecture != base.architecture:
        return f"it is for {header.architecture!r}, the model is {base.architecture!r}"
    halves = {tensor.name: tensor for tensor in header.tensors}
    targets = {tensor.name: tensor for tensor in base.tensors}
    if not halves:
        return N_("it is empty")
    for name in halves:
        stem, _, half = name.rpartition(".")
        if half not in ("lora_a", "lora_b"):
            return f"the tensor {name!r} is not part of a LoRA"
        pair = halves.get(f"{stem}.lora_a"), halves.get(f"{stem}.lora_b")
        if pair[0] is None or pair[1] is None or not _fits(pair[0], pair[1], targets.get(stem)):
            return f"the tensor {name!r} does not fit the model"
    return ""


def _fits(a: GgufTensor, b: GgufTensor, target: GgufTensor | None) -> bool:
    if target is None or {len(a.shape), len(b.shape), len(target.shape)} != {2}:
        return False
    if target.name == _EMBEDDINGS:
        return (b.shape[1], a.shape[1]) == target.shape and a.shape[0] == b.shape[0]
    return (a.shape[0], b.shape[1]) == target.shape and a.shape[1] == b.shape[0]
