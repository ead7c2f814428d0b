"""The places a model can be fetched from, as the user writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeAlias

from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.text import N_, Notice

_DISTRIBUTION = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
    r"(?:==(?P<version>[A-Za-z0-9][A-Za-z0-9.!+_-]*))?"
    r"(?:/(?P<file>[^/\\\0]+\.gguf))?"
)
_HUB = re.compile(r"(?P<repo>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)/(?P<file>[\w.+ ()-]+(?:/[\w.+ ()-]+)*\.gguf)")


@dataclass(frozen=True, slots=True)
class WheelSource:
    """A GGUF file inside a Python wheel: ``pypi:DISTRIBUTION[==VERSION][/FILE.gguf]``.

    Attributes:
        file: The file's name inside the wheel; empty where the wheel holds only one.
    """

    distribution: str
    version: str = ""
    file: str = ""

    def __str__(self) -> str:
        pin = f"=={self.version}" if self.version else ""
        return f"pypi:{self.distribution}{pin}" + (f"/{self.file}" if self.file else "")

    @property
    def requirement(self) -> str:
        """What pip is asked for."""
        return f"{self.distribution}=={self.version}" if self.version else self.distribution

    @property
    def alias(self) -> str:
        """A name for the model."""
        return PurePosixPath(self.file).stem.lower() if self.file else self.distribution


@dataclass(frozen=True, slots=True)
class HubSource:
    """A file of a Hugging Face repository: ``hf:ORGANIZATION/REPOSITORY/FILE.gguf``."""

    repo: str
    file: str

    def __str__(self) -> str:
        return f"hf:{self.repo}/{self.file}"

    @property
    def alias(self) -> str:
        """A name for the model."""
        return PurePosixPath(self.file).stem.lower()


Source: TypeAlias = WheelSource | HubSource


def is_source(text: str) -> bool:
    """Whether ``text`` is written like a source, well or badly."""
    return text.startswith(("pypi:", "hf:"))


def parse(text: str) -> Source:
    """Read a source.

    Raises:
        UsageProblem: if ``text`` is none; the message says how it is written.
    """
    scheme, _, rest = text.partition(":")
    if scheme == "pypi" and (match := _DISTRIBUTION.fullmatch(rest)):
        name = re.sub(r"[-_.]+", "-", match["name"]).lower()
        return WheelSource(name, match["version"] or "", match["file"] or "")
    if scheme == "hf" and (match := _HUB.fullmatch(rest)) and ".." not in rest.split("/"):
        return HubSource(match["repo"], match["file"])
    raise UsageProblem(
        detail=Notice(N_("{text!r} is no source of a model; write pypi:NAME or hf:ORG/REPO/FILE.gguf"), {"text": text})
    )
