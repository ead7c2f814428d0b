"""The guard against model files from strangers."""

from __future__ import annotations

import ctypes
import os
import random
import struct
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import pytest
from gguf_files import F32, METADATA, Q4_0, TENSORS, Typed, gguf, text, u32
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_cli.core.errors import BadModelFile
from aigc_cli.core.ggml import TENSOR_TYPES
from aigc_cli.core.gguf import GgufArray, GgufHeader, read_header, read_model

Read: TypeAlias = Callable[[bytes], GgufHeader]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write bytes to a file and read it."""

    def read_bytes(raw: bytes) -> GgufHeader:
        path = tmp_path / "x.gguf"
        path.write_bytes(raw)
        return read_header(path)

    return read_bytes


def flaw(read: Read, raw: bytes) -> str:
    """Return what is found wrong with a file."""
    with pytest.raises(BadModelFile) as caught:
        read(raw)
    return str(caught.value.params["detail"])


def test_reads_the_starter_model(model_path: Path) -> None:
    """The facts of the starter model are those its makers publish."""
    header = read_model(model_path)
    assert (header.architecture, header.layers, header.context_length) == ("llama", 30, 8192)
    assert (header.parameters, header.quantization, header.has_chat_template) == (134_515_008, "Q4_1", True)
    assert header.metadata["tokenizer.ggml.tokens"] == GgufArray("string", 49152)
    last = header.tensors[-1]
    assert last.offset + last.n_bytes == header.file_size == model_path.stat().st_size


def test_reads_every_kind_of_value(read: Read) -> None:
    """Each scalar type of the format arrives with its value."""
    values = {0: 255, 1: -1, 2: 65535, 3: -2, 4: 2**32 - 1, 5: -3, 6: 0.5, 7: True, 10: 2**64 - 1, 11: -4, 12: 0.1}
    header = read(gguf({f"k{kind}": Typed(kind, value) for kind, value in values.items()}))
    assert header.metadata == {f"k{kind}": value for kind, value in values.items()}


def test_knows_the_tensor_types_of_the_engine() -> None:
    """Names and block sizes are those of the ggml library that will load the file, and none is missing."""
    spec = find_spec("llama_cpp")
    assert spec is not None
    assert spec.origin is not None
    (library,) = [p for p in Path(spec.origin).parent.glob("lib/libggml-base.*") if p.suffix in (".so", ".dylib")]
    ggml = ctypes.CDLL(str(library))
    ggml.ggml_type_size.restype = ctypes.c_size_t
    ggml.ggml_blck_size.restype = ctypes.c_int64
    ggml.ggml_type_name.restype = ctypes.c_char_p
    known = {
        kind: (ggml.ggml_type_name(kind).decode().upper(), ggml.ggml_blck_size(kind), ggml.ggml_type_size(kind))
        for kind in range(max(TENSOR_TYPES) + 1)
        if ggml.ggml_blck_size(kind)
    }
    assert known == TENSOR_TYPES


def test_keeps_short_arrays_and_measures_long_ones(read: Read) -> None:
    """Items of short arrays are kept, long ones are told by type and length only."""
    header = read(gguf())
    assert header.metadata["general.languages"] == GgufArray("string", 2, ("en", "zh"))
    assert header.metadata["tokenizer.ggml.tokens"] == GgufArray("string", 200)
    assert header.metadata["tokenizer.ggml.scores"] == GgufArray("float32", 200)


def test_tensor_table_gives_places_in_the_file(read: Read) -> None:
    """Offsets count from the start of the file, sizes from the blocks of the type."""
    raw = gguf(fill=b"\7")
    for tensor in read(raw).tensors:
        assert raw[tensor.offset : tensor.offset + tensor.n_bytes] == b"\7" * tensor.n_bytes
    assert [t.n_bytes for t in read(raw).tensors] == [64 * 8 // 32 * 18, 5 * 4, 64 * 8 * 2]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("alignment", [8, 32, 4096])
def test_accepts_versions_and_alignments(read: Read, version: int, alignment: int) -> None:
    """Both living versions are read, and any power of two as the alignment."""
    header = read(gguf({"general.alignment": u32(alignment)}, version=version, alignment=alignment))
    assert (header.version, header.alignment) == (version, alignment)


def test_quantization_without_a_claim_is_that_of_most_bytes(read: Read) -> None:
    """A file that does not name its mixture is described by its tensors."""
    tensors = (("a", (64, 64), Q4_0), ("b", (64,), F32))
    assert read(gguf({}, tensors)).quantization == "Q4_0"
    assert read(gguf({}, ())).quantization == ""


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (b"", "too short"),
        (b"GGUF" + bytes(10), "too short"),
        (b"PK\3\4" + bytes(100), "does not begin as one"),
        (b"<!DOCTYPE html><html>Not Found</html>", "does not begin as one"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
        (gguf(version=1), "version 1"),
        (gguf(version=4), "version 4"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**63, 0), f"{2**63} tensors"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2**40), f"{2**40} metadata entries"),
        (gguf()[:400], "the middle of its header"),
        (gguf()[:-1100], "part of the file is missing"),
        (gguf({"general.alignment": u32(48)}), "power of two"),
        (gguf({"general.alignment": u32(0)}), "power of two"),
        (gguf({"general.alignment": Typed(7, True)}), "power of two"),
        (gguf({"general.alignment": "32"}), "power of two"),
        (gguf({"general.alignment": u32(2**31)}), "power of two"),
        (gguf({"": "x"}), "key is empty"),
        (gguf({"a\0b": "x"}), "NUL"),
        (gguf({"a": b"\xff"}), "not UTF-8"),
        (gguf(tensors=(("x", (4,), F32), ("x", (4,), F32))), "'x' occurs twice"),
        (gguf(tensors=(("x" * 64, (4,), F32),)), "64 bytes"),
        (gguf(tensors=(("x", (4,), 4),)), "type 4, which is not known"),
        (gguf(tensors=(("x", (4,), 2**31),)), "not known"),
        (gguf(tensors=(("x", (1, 1, 1, 1, 1), F32),)), "5 dimensions"),
        (gguf(tensors=(("x", (0, 4), F32),)), "impossible shape"),
        (gguf(tensors=(("x", (2**62, 2**62), F32),)), "impossible shape"),
        (gguf(tensors=(("x", (2**40,), F32),)), "part of the file is missing"),
        (gguf(tensors=(("x", (33,), Q4_0),)), "rows of 33"),
        (gguf(offsets={"output.weight": 0}), "begins at byte 0"),
        (gguf(offsets={"output.weight": 2**63}), "begins at byte"),
        (gguf(offsets={"output.weight": 321}), "begins at byte 321"),
    ],
)
def test_names_the_flaw(read: Read, raw: bytes, detail: str) -> None:
    """Each way of being wrong is refused in words of its own."""
    assert detail in flaw(read, raw)


def test_refuses_a_key_given_twice(read: Read) -> None:
    """Two values for one key are refused, as llama.cpp does."""
    entry = text("a") + struct.pack("<II", 4, 1)
    assert "'a' occurs twice" in flaw(read, b"GGUF" + struct.pack("<IQQ", 3, 0, 2) + entry * 2)


@pytest.mark.parametrize(("kind", "count"), [(8, 2**22), (8, 2**62), (4, 2**61), (9, 1), (13, 1)])
def test_refuses_arrays_that_cannot_be(read: Read, kind: int, count: int) -> None:
    """Arrays longer than the file, nested, or of unknown type end in an error, at once."""
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<IIQ", 9, kind, count)
    assert flaw(read, head + bytes(1000))


def test_string_lengths_cannot_leap_out_of_the_file(read: Read) -> None:
    """A string in a long array whose length overflows every integer type is caught."""
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<IIQ", 9, 8, 100)
    assert "beyond the end" in flaw(read, head + struct.pack("<Q", 2**64 - 1) + bytes(2000))
    assert "beyond the end" in flaw(read, head + struct.pack("<100Q", *[0] * 99, 50))


@pytest.mark.parametrize(
    ("changes", "tensors", "detail"),
    [
        ({"general.type": "adapter"}, TENSORS, "LoRA adapter"),
        ({"general.type": "mmproj"}, TENSORS, "companion"),
        ({"general.architecture": "clip"}, TENSORS, "companion"),
        ({"general.architecture": ""}, TENSORS, "architecture"),
        ({"split.no": Typed(2, 1), "split.count": Typed(2, 3)}, TENSORS, "part 2 of 3"),
        ({}, (), "no weights"),
    ],
)
def test_refuses_what_is_sound_but_no_model(tmp_path: Path, changes: dict, tensors: tuple, detail: str) -> None:
    """Other uses of the format are readable, and told apart from models."""
    path = tmp_path / "x.gguf"
    path.write_bytes(gguf({**METADATA, **changes}, tensors))
    read_header(path)
    with pytest.raises(BadModelFile, match=detail):
        read_model(path)


def test_refuses_what_is_no_file(tmp_path: Path) -> None:
    """Missing files, folders and pipes are refused without waiting for a writer."""
    os.mkfifo(tmp_path / "pipe")
    for name, detail in [("missing", "No such file"), (".", "not a file"), ("pipe", "not a file")]:
        with pytest.raises(BadModelFile) as caught:
            read_header(tmp_path / name)
        assert detail in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_mutation_of_a_small_file_is_a_surprise(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever bytes are changed, inserted or cut, the answer is a header or a `BadModelFile`."""
    raw = bytearray(gguf())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        junk = data.draw(st.binary(min_size=1, max_size=9) | st.sampled_from([b"\xff" * 8, bytes(8)]))
        raw[at : at + data.draw(st.integers(0, 9))] = junk
    del raw[data.draw(st.integers(24, len(raw))) :]
    path = tmp_path_factory.getbasetemp() / "mutated.gguf"
    path.write_bytes(raw)
    try:
        header = read_model(path)
    except BadModelFile:
        return
    assert all(tensor.offset + tensor.n_bytes <= len(raw) for tensor in header.tensors)


def test_no_mutation_of_a_real_header_is_a_surprise(model_path: Path, tmp_path: Path) -> None:
    """The starter model with random damage to its head is read or refused, 150 times over."""
    first = read_header(model_path).tensors[0].offset
    size = model_path.stat().st_size
    rng = random.Random(7)
    path = tmp_path / "x.gguf"
    with model_path.open("rb") as source:
        head = source.read(first)
    path.write_bytes(head)
    os.truncate(path, size)
    refused = 0
    for _ in range(150):
        near_ends = rng.choice([0, first - 20_000])
        at = near_ends + rng.randrange(20_000)
        junk = rng.randbytes(rng.choice([1, 4, 8]))
        with path.open("r+b") as file:
            file.seek(at)
            file.write(junk)
            file.flush()
            try:
                read_model(path)
            except BadModelFile:
                refused += 1
            file.seek(at)
            file.write(head[at : at + len(junk)])
    assert read_model(path)
    assert refused > 30
