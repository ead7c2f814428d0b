"""One loaded model for all engine tests, and helpers to read an answer."""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aigc_cli.core.engine import Engine
from aigc_cli.core.events import EngineEvent, Finished, PromptProgress, TextDelta
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request
from aigc_cli.engine.llama.engine import LlamaEngine
from aigc_cli.engine.llama.settings import LlamaSettings


@dataclass(frozen=True)
class Heard:
    """What an engine said: the texts and ends of the candidates, and the reports of progress."""

    texts: dict[int, str]
    ends: dict[int, Finished]
    progress: list[PromptProgress]

    @property
    def text(self) -> str:
        """The first candidate's text."""
        return self.texts.get(0, "")

    @property
    def end(self) -> Finished:
        """The first candidate's end."""
        return self.ends[0]


def hear(events: Iterable[EngineEvent]) -> Heard:
    """Collect the events of one request."""
    texts: dict[int, str] = {}
    ends: dict[int, Finished] = {}
    progress = []
    for event in events:
        if isinstance(event, TextDelta):
            assert event.candidate not in ends, "text after the end"
            texts[event.candidate] = texts.get(event.candidate, "") + event.text
        elif isinstance(event, Finished):
            assert event.candidate not in ends, "two ends"
            ends[event.candidate] = event
        else:
            progress.append(event)
    return Heard(texts, ends, progress)


@pytest.fixture(scope="session")
def ask() -> Callable[..., Heard]:
    """Return a function that asks an engine: ``ask(engine, "question", max_tokens=5)``."""

    def ask(engine: Engine, *texts: str, cancel: threading.Event | None = None, **options: object) -> Heard:
        roles = ("user", "assistant")
        messages = tuple(Message(roles[i % 2], text) for i, text in enumerate(texts))  # type: ignore[arg-type]
        request = Request(messages, **options)  # type: ignore[arg-type]
        return hear(engine.generate(request, cancel or threading.Event()))

    return ask


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache folder that remembers that the model is sound, so that it is probed once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def engine(model_path: Path, cache: Path) -> Iterator[LlamaEngine]:
    """Return the engine that runs the starter model; the same for all tests."""
    engine = LlamaEngine(model_path, LlamaSettings(cache=cache), print)
    yield engine
    engine.close()


@pytest.fixture
def adapter_file(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a LoRA for the starter model; its strength is that of its numbers."""

    def write(name: str = "a.gguf", strength: float = 0.05, **changes: object) -> Path:
        metadata: dict[str, object] = {
            "general.architecture": "llama",
            "general.type": "adapter",
            "adapter.type": "lora",
            "adapter.lora.alpha": 8.0,
            **changes,
        }
        tensors = {
            f"blk.{layer}.attn_output.weight.lora_{half}": (shape, strength * (1 if half == "a" else 1 + layer % 3))
            for layer in range(30)
            for half, shape in (("a", (576, 4)), ("b", (4, 576)))
        }
        path = tmp_path / name
        path.write_bytes(_gguf(metadata, tensors))
        return path

    return write


def _gguf(metadata: dict[str, object], tensors: dict[str, tuple[tuple[int, int], float]]) -> bytes:
    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    for key, value in metadata.items():
        head += text(key)
        head += struct.pack("<I", 8) + text(value) if isinstance(value, str) else struct.pack("<If", 6, value)
    data = b""
    for name, (shape, strength) in tensors.items():
        head += text(name) + struct.pack("<IQQIQ", 2, *shape, 0, len(data))
        numbers = [strength * ((i * 7919 % 101) / 101 - 0.5) for i in range(shape[0] * shape[1])]
        data += struct.pack(f"<{len(numbers)}f", *numbers)
        data += b"\0" * (-len(data) % 32)
    return head + b"\0" * (-len(head) % 32) + data
