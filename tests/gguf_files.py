"""Small GGUF files, made to order: sound ones, and ones with a chosen flaw."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

F32, F16, Q4_0 = 0, 1, 2
_SIZES = {F32: (1, 4), F16: (1, 2), Q4_0: (32, 18)}


@dataclass(frozen=True)
class Typed:
    """A metadata value of a given GGUF type number."""

    type: int
    value: Any


def u32(value: int) -> Typed:
    """Return an unsigned 32-bit metadata value."""
    return Typed(4, value)


METADATA: Mapping[str, Any] = {
    "general.architecture": "llama",
    "general.type": "model",
    "general.name": "小模型 Tiny",
    "general.license": "apache-2.0",
    "general.languages": ["en", "zh"],
    "general.file_type": u32(2),
    "llama.context_length": u32(2048),
    "llama.block_count": u32(2),
    "tokenizer.ggml.tokens": [f"token{i}" for i in range(200)],
    "tokenizer.ggml.scores": Typed(9, (6, [0.5] * 200)),
    "tokenizer.chat_template": "{{ messages[0].content }}",
}
TENSORS = (("token_embd.weight", (64, 8), Q4_0), ("output_norm.weight", (5,), F32), ("output.weight", (64, 8), F16))


def text(value: str | bytes) -> bytes:
    """Return a GGUF string."""
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def value_bytes(value: Any) -> bytes:
    """Return a metadata value behind its type number."""
    if isinstance(value, (str, bytes)):
        return struct.pack("<I", 8) + text(value)
    if isinstance(value, list):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
    if value.type == 9:
        kind, items = value.value
        return struct.pack("<IIQ", 9, kind, len(items)) + struct.pack(f"<{len(items)}{_CODES[kind]}", *items)
    return struct.pack("<I" + _CODES[value.type], value.type, value.value)


_CODES = dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), "BbHhIif?Qqd", strict=True))


def gguf(
    metadata: Mapping[str, Any] = METADATA,
    tensors: Iterable[tuple[str, tuple[int, ...], int]] = TENSORS,
    *,
    version: int = 3,
    alignment: int = 32,
    offsets: Mapping[str, int] | None = None,
    fill: bytes = b"\1",
) -> bytes:
    """Return a whole GGUF file; ``offsets`` replaces what the table says of single tensors."""
    tensors = list(tensors)
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(metadata))
    head += b"".join(text(key) + value_bytes(value) for key, value in metadata.items())
    data = b""
    for name, shape, kind in tensors:
        offset = (offsets or {}).get(name, len(data))
        head += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)
        block, size = _SIZES.get(kind, (1, 1))
        elements = 1
        for dimension in shape:
            elements *= dimension
        data += _pad(fill * min(elements // block * size, 1 << 24), alignment)
    return _pad(head, alignment) + data


def _pad(raw: bytes, alignment: int) -> bytes:
    return raw + b"\0" * (-len(raw) % alignment)


def tiny_model(name: str = "Tiny", rows: int = 512) -> bytes:
    """Return a sound model: a header that is told apart by ``name``, and ``rows`` * 128 bytes of weights."""
    return gguf({**METADATA, "general.name": name}, [("token_embd.weight", (64, rows), F16)])
