"""What the benchmarks of the engine share: the starter model, an engine that runs it, and how long an answer takes."""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aigc_cli.app import App
from aigc_cli.catalog.catalog import STARTER
from aigc_cli.core.engine import Engine
from aigc_cli.core.events import Finished, TextDelta
from aigc_cli.core.gguf import GgufHeader
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request
from aigc_cli.engine.llama.cores import usable_cores
from aigc_cli.engine.llama.engine import LlamaEngine
from aigc_cli.engine.llama.model import Model
from aigc_cli.engine.llama.settings import LlamaSettings

_RANK = 8


@contextmanager
def starter() -> Iterator[Path]:
    """Give the file that AIGC_TEST_MODEL names, else the user's own starter model, else one fetched for the while."""
    with TemporaryDirectory() as home:
        if given := os.environ.get("AIGC_TEST_MODEL"):
            yield Path(given)
        elif here := [model.path for model in App().catalog.installed() if model.source == STARTER]:
            yield here[0]
        else:
            yield App({**os.environ, "AIGC_HOME": home}).catalog.pull(STARTER).path


@contextmanager
def engine(path: Path, threads: int, **settings: Any) -> Iterator[LlamaEngine]:  # noqa: ANN401 - as LlamaSettings has
    """Give an engine with as many threads as are asked for, or one for each core where that is 0.

    Their number stays the same: an engine that adapts it would be measured with the machine's other work.
    """
    opened = LlamaEngine(path, LlamaSettings(threads=threads or usable_cores(), **settings), print)
    try:
        yield opened
    finally:
        opened.close()


@dataclass
class Answer:
    """The texts and ends of the candidates, and the seconds from the request to the last end."""

    texts: dict[int, str] = field(default_factory=dict)
    ends: list[Finished] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def tokens(self) -> int:
        """The tokens of all candidates together."""
        return sum(end.usage.completion_tokens for end in self.ends)


def clock(threads: int) -> float:
    """Return a time in seconds: with one thread that of the processor, which other programs hardly change."""
    return time.process_time() if threads == 1 else time.perf_counter()


def answer(asked: Engine, request: Request, cancel: threading.Event | None = None) -> Answer:
    """Answer ``request`` and take the time by `clock`."""
    result = Answer()
    threads = asked.info().threads
    start = clock(threads)
    for event in asked.generate(request, cancel or threading.Event()):
        if isinstance(event, TextDelta):
            result.texts[event.candidate] = result.texts.get(event.candidate, "") + event.text
        elif isinstance(event, Finished):
            result.ends.append(event)
    result.seconds = clock(threads) - start
    return result


def without_end(model: Model) -> dict[int, float]:
    """Return biases that forbid every token that would end an answer."""
    return {token: float("-inf") for token in range(model.vocabulary) if model.is_end(token)}


def conversation(number: int, asked: Engine, tokens: int) -> tuple[Message, ...]:
    """Return a chat with so many tokens or a few more. Chats with different numbers begin differently."""
    messages = [Message("system", f"Conversation {number}.")]
    question = 0
    while asked.count([*messages, Message("user", _question(question))]) < tokens:
        messages += [Message("user", _question(question)), Message("assistant", _reply(question))]
        question += 1
    return (*messages, Message("user", _question(question)))


def write_adapter(path: Path, base: GgufHeader, strength: float) -> None:
    """Write a LoRA of rank 8 for the attention of the model that ``base`` describes."""
    targets = [tensor for tensor in base.tensors if ".attn_" in tensor.name and len(tensor.shape) == 2]
    shapes = [
        (f"{tensor.name}.lora_{half}", shape)
        for tensor in targets
        for half, shape in (("a", (tensor.shape[0], _RANK)), ("b", (_RANK, tensor.shape[1])))
    ]
    texts = {"general.architecture": base.architecture, "general.type": "adapter", "adapter.type": "lora"}
    head = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(texts) + 1)
    head += b"".join(_string(key) + struct.pack("<I", 8) + _string(value) for key, value in texts.items())
    head += _string("adapter.lora.alpha") + struct.pack("<If", 6, float(_RANK))
    data = b""
    for name, shape in shapes:
        head += _string(name) + struct.pack("<IQQIQ", 2, *shape, 0, len(data))
        data += _aligned(_numbers(shape[0] * shape[1], strength))
    path.write_bytes(_aligned(head) + data)


def _question(number: int) -> str:
    return f"Item {number} weighs {number * 7 % 101} kg and costs {number * 37 % 89} euros. What do two of them cost?"


def _reply(number: int) -> str:
    return f"Two of item {number} cost {number * 37 % 89 * 2} euros. 两件共重 {number * 7 % 101 * 2} 公斤。"


def _numbers(count: int, strength: float) -> bytes:
    values = [strength * (i * 7919 % 101 / 101 - 0.5) for i in range(count)]
    return struct.pack(f"<{count}f", *values)


def _string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _aligned(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 32)
