"""What llama.cpp finds on this machine, for ``aigc doctor``."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from aigc_cli.engine.llama.binding import C
from aigc_cli.engine.llama.cores import usable_cores

_ACCELERATORS = {1: "GPU", 2: "integrated GPU", 3: "accelerator"}
"""Kinds of ``enum ggml_backend_dev_type`` other than the CPU itself (ggml-backend.h)."""


@dataclass(frozen=True, slots=True)
class Device:
    """Something besides the CPU that layers of a model can be put on; memory in bytes."""

    name: str
    description: str
    kind: str
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Machine:
    """The library and what it can use.

    Attributes:
        version: Of llama-cpp-python.
        features: Instruction sets and build options that llama.cpp reports as in use, such as "AVX2".
        gpu_offload: Whether the library was built with a GPU backend.
        devices: What that backend found.
        cores: Cores that this process may use.
    """

    version: str
    features: tuple[str, ...]
    gpu_offload: bool
    devices: tuple[Device, ...]
    cores: int


def examine() -> Machine:
    """Ask llama.cpp what it can use."""
    info = C.llama_print_system_info().decode("utf-8", "replace")
    flags = [flag.rpartition(":")[2].strip() for flag in info.split("|")]
    return Machine(
        version=metadata.version("llama-cpp-python"),
        features=tuple(name.strip() for name, _, value in (f.partition("=") for f in flags) if value.strip() == "1"),
        gpu_offload=bool(C.llama_supports_gpu_offload()),
        devices=tuple(_devices()),
        cores=usable_cores(),
    )


def _devices() -> list[Device]:
    # The binding declares none of these functions of ggml-backend.h.
    ggml: Any = C.load_shared_library("ggml", C._base_path)
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    ggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    for text in (ggml.ggml_backend_dev_name, ggml.ggml_backend_dev_description):
        text.restype, text.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
    ggml.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    size_p = ctypes.POINTER(ctypes.c_size_t)
    ggml.ggml_backend_dev_memory.restype = None
    ggml.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, size_p, size_p]
    found = []
    for index in range(ggml.ggml_backend_dev_count()):
        device = ggml.ggml_backend_dev_get(index)
        kind = _ACCELERATORS.get(ggml.ggml_backend_dev_type(device))
        if kind:
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            ggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
            name = ggml.ggml_backend_dev_name(device).decode("utf-8", "replace")
            description = ggml.ggml_backend_dev_description(device).decode("utf-8", "replace")
            found.append(Device(name, description, kind, free.value, total.value))
    return found
