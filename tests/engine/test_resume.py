"""Prompts evaluated by another process."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aigc_cli.core.request import Sampling
from aigc_cli.engine.llama import live
from aigc_cli.engine.llama.engine import LlamaEngine
from aigc_cli.engine.llama.settings import LlamaSettings

Ask = Callable[..., Any]
TEXT = "Remember: " + " ".join(f"number {i} is {i * 37 % 89};" for i in range(20))


@pytest.fixture
def opened(model_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., LlamaEngine]]:
    """Return a function that opens engines on one cache, for which any evaluated prompt is worth keeping."""
    monkeypatch.setattr(live, "_WORTH_SAVING", 0.0)
    engines = []

    def open_engine(**settings: Any) -> LlamaEngine:
        engines.append(LlamaEngine(model_path, LlamaSettings(cache=tmp_path, **settings), print))
        return engines[-1]

    yield open_engine
    for engine in engines:
        engine.close()


def test_a_chat_goes_on_where_another_process_left_it(opened: Callable[..., LlamaEngine], ask: Ask) -> None:
    """After a restart a chat's next turn evaluates only what is new, and reads as if there had been none."""
    sampling = Sampling(temperature=1, seed=9)
    engine = opened()
    first = ask(engine, TEXT, sampling=sampling, max_tokens=20)
    engine.close()
    resumed = opened()
    second = ask(resumed, TEXT, first.text, "And now?", sampling=sampling, max_tokens=8)
    known = first.end.usage.prompt_tokens + first.end.usage.completion_tokens - 1
    assert second.end.usage.reused_tokens >= known


def test_the_same_prompt_is_not_evaluated_again(opened: Callable[..., LlamaEngine], ask: Ask) -> None:
    """The same request in another process reuses the prompt and gives the same answer."""
    engine = opened()
    first = ask(engine, TEXT, sampling=Sampling(temperature=0), max_tokens=12)
    engine.close()
    second = ask(opened(), TEXT, sampling=Sampling(temperature=0), max_tokens=12)
    assert second.end.usage.reused_tokens == second.end.usage.prompt_tokens - 1
    assert second.text == first.text


def test_other_settings_and_adapters_have_their_own(
    opened: Callable[..., LlamaEngine], ask: Ask, adapter_file: Callable[..., Path]
) -> None:
    """What was evaluated with another type of memory, or with an adapter, is not taken for the same."""
    from aigc_cli.core.request import AdapterUse

    engine = opened()
    ask(engine, TEXT, max_tokens=1)
    engine.close()
    assert ask(opened(kv_type="q8_0", flash_attention="on"), TEXT, max_tokens=1).end.usage.reused_tokens == 0
    engine = opened()
    used = (AdapterUse(adapter_file()),)
    assert ask(engine, TEXT, max_tokens=1, adapters=used).end.usage.reused_tokens == 0


def test_no_room_for_states_means_none_is_used(opened: Callable[..., LlamaEngine], ask: Ask, tmp_path: Path) -> None:
    """With a size of 0 nothing is read from disk and nothing written; what was there stays for another day."""
    engine = opened()
    ask(engine, TEXT, max_tokens=1)
    engine.close()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "prompts").iterdir()}
    engine = opened(cache_bytes=0)
    assert ask(engine, TEXT, max_tokens=1).end.usage.reused_tokens == 0
    engine.close()
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "prompts").iterdir()} == before


def test_states_belong_to_what_is_in_a_model_file(
    opened: Callable[..., LlamaEngine], ask: Ask, model_path: Path, tmp_path: Path
) -> None:
    """A copy of the model under another name and of another time uses what was evaluated with the first."""
    engine = opened()
    ask(engine, TEXT, max_tokens=1)
    engine.close()
    copy = tmp_path / "copy.gguf"
    shutil.copyfile(model_path, copy)
    engine = LlamaEngine(copy, LlamaSettings(cache=tmp_path), print)
    usage = ask(engine, TEXT, max_tokens=1).end.usage
    engine.close()
    assert usage.reused_tokens == usage.prompt_tokens - 1


def test_damaged_states_are_passed_over(opened: Callable[..., LlamaEngine], ask: Ask, tmp_path: Path) -> None:
    """With a damaged cache a request is answered as without any."""
    engine = opened()
    ask(engine, TEXT, max_tokens=1)
    engine.close()
    (state,) = (tmp_path / "prompts").iterdir()
    data = bytearray(state.read_bytes())
    data[len(data) // 2] ^= 255
    state.write_bytes(data)
    assert ask(opened(), TEXT, max_tokens=1).end.usage.reused_tokens == 0


def test_a_longer_chat_replaces_the_shorter(opened: Callable[..., LlamaEngine], ask: Ask, tmp_path: Path) -> None:
    """A chat that goes on over several processes is kept once, at its longest."""
    engine = opened()
    first = ask(engine, TEXT, sampling=Sampling(seed=2), max_tokens=6)
    engine.close()
    engine = opened()
    ask(engine, TEXT, first.text, TEXT, max_tokens=2)
    engine.close()
    assert len(list((tmp_path / "prompts").iterdir())) == 1
