"""The head of a GGUF file: metadata and tensor table, read with distrust.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian. A file from a
stranger is checked here before any C code sees it: every count, length, type and offset is bounded and held
against the size of the file. What llama.cpp refuses is refused here too, in words that a user understands.
"""

from __future__ import annotations

import mmap
import os
import stat
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TypeAlias

from aigc_cli.core.errors import BadModelFile
from aigc_cli.core.ggml import FILE_TYPES, TENSOR_TYPES
from aigc_cli.core.text import N_, Notice

Scalar: TypeAlias = str | int | float | bool

_SCALARS = {
    0: ("uint8", struct.Struct("<B")),
    1: ("int8", struct.Struct("<b")),
    2: ("uint16", struct.Struct("<H")),
    3: ("int16", struct.Struct("<h")),
    4: ("uint32", struct.Struct("<I")),
    5: ("int32", struct.Struct("<i")),
    6: ("float32", struct.Struct("<f")),
    7: ("bool", struct.Struct("<?")),
    10: ("uint64", struct.Struct("<Q")),
    11: ("int64", struct.Struct("<q")),
    12: ("float64", struct.Struct("<d")),
}
_STRING = 8
_ARRAY = 9
_U32 = _SCALARS[4][1]
_U64 = _SCALARS[10][1]

_MAX_KEYS = 1 << 14
_MAX_TENSORS = 1 << 15
_MAX_STRINGS = 1 << 23  # of all arrays together; the largest vocabularies with their merges have a million
_MAX_TEXT = 1 << 26  # bytes of all string values together
_MAX_NAME = 63
_MAX_DIMENSIONS = 4
_MAX_ALIGNMENT = 1 << 20
_MAX_ELEMENTS = (1 << 63) - 1
_KEPT_ITEMS = 64
_SMALLEST_FILE = 24  # bytes: magic, version, two counts
_SMALLEST_ENTRY = 13  # bytes: length and first byte of a key, a type; a tensor takes more


@dataclass(frozen=True, slots=True)
class GgufArray:
    """An array in the metadata.

    Attributes:
        type: The type of its items, such as "string" or "uint32".
        length: How many items it has.
        items: The items of a short array; empty for a long one, such as a vocabulary.
    """

    type: str
    length: int
    items: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """One entry of the tensor table.

    Attributes:
        shape: Elements in each dimension, the one that lies together in memory first.
        type: The name of its ggml type, such as "Q4_K".
        offset: Where its data starts, in bytes from the start of the file.
        n_bytes: Size of its data.
    """

    name: str
    shape: tuple[int, ...]
    type: str
    offset: int
    n_bytes: int


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What a GGUF file says of itself. None of it is more than the file's own claim."""

    version: int
    metadata: Mapping[str, Scalar | GgufArray]
    tensors: tuple[GgufTensor, ...]
    alignment: int
    file_size: int

    def text(self, key: str) -> str:
        """Return a string of the metadata, empty if there is none."""
        value = self.metadata.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int:
        """Return a whole number of the metadata, 0 if there is none."""
        value = self.metadata.get(key)
        return value if type(value) is int else 0

    @property
    def architecture(self) -> str:
        """Such as "llama" or "qwen2"."""
        return self.text("general.architecture")

    @property
    def context_length(self) -> int:
        """Tokens that the model was trained to keep in view; 0 if the file does not say."""
        return self.number(f"{self.architecture}.context_length")

    @property
    def layers(self) -> int:
        """Transformer blocks; 0 if the file does not say."""
        return self.number(f"{self.architecture}.block_count")

    @property
    def parameters(self) -> int:
        """Elements of all tensors."""
        return sum(prod(tensor.shape) for tensor in self.tensors)

    @property
    def quantization(self) -> str:
        """Such as "Q4_K_M": as the file says, else the type that takes up most of it."""
        claimed = self.metadata.get("general.file_type")
        if isinstance(claimed, int) and claimed in FILE_TYPES:
            return FILE_TYPES[claimed]
        sizes: dict[str, int] = {}
        for tensor in self.tensors:
            sizes[tensor.type] = sizes.get(tensor.type, 0) + tensor.n_bytes
        return max(sizes, key=lambda name: sizes[name], default="")

    @property
    def has_chat_template(self) -> bool:
        """Whether the file brings the template that its model was trained to chat with."""
        return bool(self.text("tokenizer.chat_template"))


class _Flaw(Exception):
    """What is wrong with the file, for `BadModelFile.detail`."""

    def __init__(self, template: str, **params: object) -> None:
        super().__init__()
        self.notice = Notice(template, params)


def read_header(path: Path) -> GgufHeader:
    """Read and check the head of a GGUF file, without its tensor data.

    Takes milliseconds, whatever the file holds.

    Raises:
        BadModelFile: if the file cannot be read, is not GGUF, or contradicts itself or its own size.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _Flaw(N_("it is not a file"))
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < _SMALLEST_FILE:
                raise _Flaw(N_("it is too short to be one"))
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Parser(data, len(data)).header()
    except _Flaw as flaw:
        raise BadModelFile(path=path, detail=flaw.notice) from None
    except (OSError, ValueError) as error:
        detail = error.strerror if isinstance(error, OSError) else None
        raise BadModelFile(path=path, detail=detail or str(error)) from error


def read_model(path: Path) -> GgufHeader:
    """Read the head of a file that is to be chatted with: a whole language model, not some other use of the format.

    Raises:
        BadModelFile: as `read_header` does, and for adapters, image encoders, vocabularies and parts of models.
    """
    header = read_header(path)
    kind = header.text("general.type") or "model"
    parts = header.number("split.count")
    detail: str | Notice = ""
    if not header.architecture:
        detail = N_("it does not name its architecture")
    elif kind == "adapter":
        detail = N_("it is a LoRA adapter, which needs the model it was made for")
    elif kind != "model" or header.architecture == "clip":
        detail = N_("it is no language model but a companion to one")
    elif parts > 1:
        params = {"part": header.number("split.no") + 1, "parts": parts}
        detail = Notice(N_("it is part {part} of {parts} of a model; join them with llama-gguf-split"), params)
    elif not header.tensors:
        detail = N_("it holds a vocabulary and no weights")
    if detail:
        raise BadModelFile(path=path, detail=detail)
    return header


class _Parser:
    """Walks through the head of one file. Every step either stays inside the file or raises `_Flaw`."""

    def __init__(self, data: mmap.mmap, size: int) -> None:
        self._data = data
        self._size = size
        self._at = 0
        self._strings_left = _MAX_STRINGS
        self._text_left = _MAX_TEXT

    def header(self) -> GgufHeader:
        version = self._version()
        n_tensors = self._count(_MAX_TENSORS, "tensors")
        n_keys = self._count(_MAX_KEYS, "metadata entries")
        metadata = self._metadata(n_keys)
        alignment = _alignment(metadata)
        table = list(self._table(n_tensors))
        start = _padded(self._at, alignment)
        tensors = tuple(self._placed(table, start, alignment))
        return GgufHeader(version, metadata, tensors, alignment, self._size)

    def _version(self) -> int:
        if self._data[:4] != b"GGUF":
            raise _Flaw(N_("it does not begin as one"))
        self._at = 4
        version = int(self._unpack(_U32))
        if version & 0xFFFF == 0:
            raise _Flaw(N_("it is in big-endian byte order"))
        if version not in (2, 3):
            raise _Flaw(N_("it has format version {version}, and versions 2 and 3 are known"), version=version)
        return version

    def _metadata(self, count: int) -> dict[str, Scalar | GgufArray]:
        metadata: dict[str, Scalar | GgufArray] = {}
        for _ in range(count):
            key = self._string("a metadata key", 0xFFFF)
            if not key:
                raise _Flaw(N_("a metadata key is empty"))
            if key in metadata:
                raise _Flaw(N_("the metadata key {key!r} occurs twice"), key=key)
            metadata[key] = self._value(key)
        return metadata

    def _value(self, key: str) -> Scalar | GgufArray:
        kind = int(self._unpack(_U32))
        if kind == _ARRAY:
            return self._array(key)
        if kind == _STRING:
            return self._string(f"the metadata value {key!r}")
        return self._unpack(_scalar(kind, key)[1])

    def _array(self, key: str) -> GgufArray:
        kind = int(self._unpack(_U32))
        length = int(self._unpack(_U64))
        if kind == _STRING:
            self._strings_left -= length
            if self._strings_left < 0:
                raise _Flaw(
                    N_("the metadata array {key!r} has {length} strings, more than any model"), key=key, length=length
                )
            if length <= _KEPT_ITEMS:
                return GgufArray("string", length, tuple(self._string(f"an item of {key!r}") for _ in range(length)))
            self._skip_strings(key, length)
            return GgufArray("string", length)
        name, scalar = _scalar(kind, key)
        if length > (self._size - self._at) // scalar.size:
            raise _Flaw(N_("the metadata array {key!r} reaches beyond the end of the file"), key=key)
        if length <= _KEPT_ITEMS:
            return GgufArray(name, length, tuple(self._unpack(scalar) for _ in range(length)))
        self._at += length * scalar.size
        return GgufArray(name, length)

    def _skip_strings(self, key: str, count: int) -> None:
        """Step over the strings of a vocabulary, by far the longest walk through a header."""
        data, at, unpack = self._data, self._at, _U64.unpack_from
        try:
            for _ in range(count):
                at += 8 + unpack(data, at)[0]
        except (struct.error, OverflowError, IndexError):
            at = self._size + 1
        if at > self._size:
            raise _Flaw(N_("the metadata array {key!r} reaches beyond the end of the file"), key=key)
        self._at = at

    def _table(self, count: int) -> Iterator[tuple[str, tuple[int, ...], int, int]]:
        """Yield name, shape, type number and claimed offset of each tensor."""
        names: set[str] = set()
        for _ in range(count):
            name = self._string("a tensor name", _MAX_NAME)
            if name in names:
                raise _Flaw(N_("the tensor {name!r} occurs twice"), name=name)
            names.add(name)
            dimensions = int(self._unpack(_U32))
            if dimensions > _MAX_DIMENSIONS:
                raise _Flaw(N_("the tensor {name!r} has {dimensions} dimensions"), name=name, dimensions=dimensions)
            shape = tuple(int(self._unpack(_U64)) for _ in range(dimensions))
            if not 0 < prod(shape) <= _MAX_ELEMENTS:
                raise _Flaw(N_("the tensor {name!r} has the impossible shape {shape}"), name=name, shape=shape)
            yield name, shape, int(self._unpack(_U32)), int(self._unpack(_U64))

    def _placed(
        self, table: list[tuple[str, tuple[int, ...], int, int]], start: int, alignment: int
    ) -> Iterator[GgufTensor]:
        """Yield the tensors; like llama.cpp, want each to begin right behind the one before it."""
        expected = 0
        for name, shape, kind, offset in table:
            if kind not in TENSOR_TYPES:
                raise _Flaw(N_("the tensor {name!r} is of type {kind}, which is not known"), name=name, kind=kind)
            type_name, block, block_bytes = TENSOR_TYPES[kind]
            row = shape[0] if shape else 1
            if row % block:
                raise _Flaw(
                    N_("the tensor {name!r} has rows of {row} elements, and {type_name} packs {block}"),
                    name=name,
                    row=row,
                    type_name=type_name,
                    block=block,
                )
            n_bytes = prod(shape) // block * block_bytes
            if offset != expected:
                raise _Flaw(
                    N_("the tensor {name!r} begins at byte {offset} of the data instead of {expected}"),
                    name=name,
                    offset=offset,
                    expected=expected,
                )
            if start + offset + n_bytes > self._size:
                raise _Flaw(
                    N_("it has {size:,} bytes and should have {wanted:,}; part of the file is missing"),
                    size=self._size,
                    wanted=start + offset + n_bytes,
                )
            expected = _padded(offset + n_bytes, alignment)
            yield GgufTensor(name, shape, type_name, start + offset, n_bytes)

    def _count(self, most: int, what: str) -> int:
        count = int(self._unpack(_U64))
        if count > most or count > (self._size - self._at) // _SMALLEST_ENTRY:
            raise _Flaw(N_("it claims to have {count} {what}"), count=count, what=what)
        return count

    def _unpack(self, scalar: struct.Struct) -> int | float | bool:
        if scalar.size > self._size - self._at:
            raise _Flaw(N_("it ends in the middle of its header"))
        value: int | float | bool = scalar.unpack_from(self._data, self._at)[0]
        self._at += scalar.size
        return value

    def _string(self, what: str, most: int = _MAX_TEXT) -> str:
        length = int(self._unpack(_U64))
        if length > self._size - self._at:
            raise _Flaw(N_("it ends in the middle of its header"))
        self._text_left -= length
        if length > most or self._text_left < 0:
            raise _Flaw(N_("{what} has {length} bytes"), what=what, length=length)
        raw = self._data[self._at : self._at + length]
        self._at += length
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise _Flaw(N_("{what} is not UTF-8 text"), what=what) from None
        if "\0" in text and most < _MAX_TEXT:
            raise _Flaw(N_("{what} holds a NUL byte"), what=what)
        return text


def _scalar(kind: int, key: str) -> tuple[str, struct.Struct]:
    if kind not in _SCALARS:
        raise _Flaw(N_("the metadata value {key!r} is of type {kind}, which cannot stand there"), key=key, kind=kind)
    return _SCALARS[kind]


def _alignment(metadata: Mapping[str, Scalar | GgufArray]) -> int:
    alignment = metadata.get("general.alignment", 32)
    if type(alignment) is not int or not 0 < alignment <= _MAX_ALIGNMENT or alignment & (alignment - 1):
        raise _Flaw(N_("its alignment is {alignment!r}, which is no power of two"), alignment=alignment)
    return alignment


def _padded(size: int, alignment: int) -> int:
    return -(-size // alignment) * alignment
