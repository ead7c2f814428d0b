"""LoRA adapters, swapped without reloading the model."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aigc_cli.core.errors import BadAdapter
from aigc_cli.core.message import Message
from aigc_cli.core.request import AdapterUse, Sampling
from aigc_cli.engine.llama.engine import LlamaEngine

Ask = Callable[..., Any]
GREEDY = Sampling(temperature=0, repeat_penalty=1)


def _answer(ask: Ask, engine: LlamaEngine, *adapters: AdapterUse) -> str:
    return str(ask(engine, "Name a colour.", sampling=GREEDY, max_tokens=16, adapters=adapters).text)


def test_adapters_come_and_go(engine: LlamaEngine, ask: Ask, adapter_file: Callable[..., Path]) -> None:
    """An adapter changes the answer, its scale matters, and without it the answer is the model's own again."""
    one, two = adapter_file("one.gguf", 0.6), adapter_file("two.gguf", -0.9)
    base = _answer(ask, engine)
    with_one = _answer(ask, engine, AdapterUse(one))
    assert with_one != base
    assert _answer(ask, engine) == base
    assert _answer(ask, engine, AdapterUse(one, 0.0)) == base
    assert _answer(ask, engine, AdapterUse(one)) == with_one
    both = _answer(ask, engine, AdapterUse(one), AdapterUse(two))
    assert both != base
    assert _answer(ask, engine, AdapterUse(one), AdapterUse(two, 0.0)) == with_one


def test_a_swap_drops_what_was_evaluated(engine: LlamaEngine, ask: Ask, adapter_file: Callable[..., Path]) -> None:
    """Nothing that was evaluated with other adapters is reused; with the same ones it is."""
    use = (AdapterUse(adapter_file()),)
    ask(engine, "Name a colour.", max_tokens=2)
    assert ask(engine, "Name a colour.", max_tokens=2, adapters=use).end.usage.reused_tokens == 0
    assert ask(engine, "Name a colour.", max_tokens=2, adapters=use).end.usage.reused_tokens > 0
    assert ask(engine, "Name a colour.", max_tokens=2).end.usage.reused_tokens == 0


def test_scores_under_an_adapter_are_what_it_answers_with(
    engine: LlamaEngine, ask: Ask, adapter_file: Callable[..., Path]
) -> None:
    """An answer is scored as it was drawn, after its question and with its adapters; without those otherwise."""
    use = (AdapterUse(adapter_file()),)
    question = (Message("user", "Name a colour."),)
    told = ask(engine, question[0].content, sampling=GREEDY, max_tokens=8, adapters=use, logprobs=True)
    drawn = [part.logprob for part in told.end.logprobs if part.text]
    scored = [part.logprob for part in engine.score(told.text, question, use)]
    assert scored == pytest.approx(drawn, abs=0.1)
    assert [part.logprob for part in engine.score(told.text, question)] != pytest.approx(drawn, abs=0.1)


def test_an_adapter_that_was_replaced_is_loaded_again(
    engine: LlamaEngine, ask: Ask, adapter_file: Callable[..., Path]
) -> None:
    """A file that was trained anew under the same name takes effect at once."""
    path = adapter_file("a.gguf", 0.6)
    first = _answer(ask, engine, AdapterUse(path))
    adapter_file("a.gguf", 0.0)
    os.utime(path, ns=(1, 1))
    assert _answer(ask, engine, AdapterUse(path)) == _answer(ask, engine) != first


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"general.type": "model"}, "not an adapter"),
        ({"adapter.type": "aloha"}, "not a LoRA"),
        ({"general.architecture": "qwen2"}, "qwen2"),
    ],
)
def test_a_file_that_is_no_adapter_of_this_model_is_refused(
    engine: LlamaEngine, ask: Ask, adapter_file: Callable[..., Path], changes: dict[str, str], named: str
) -> None:
    """What the head of the file says must fit the model."""
    with pytest.raises(BadAdapter, match=named):
        _answer(ask, engine, AdapterUse(adapter_file(**changes)))


@pytest.mark.parametrize(
    ("old", "new"), [(b"blk.7.attn_output", b"blk.7.attn_outpuX"), (b"blk.7.attn_output", b"blk.7.attn_k\0\0\0\0\0")]
)
def test_tensors_have_to_fit(
    engine: LlamaEngine, ask: Ask, adapter_file: Callable[..., Path], old: bytes, new: bytes
) -> None:
    """An adapter with a tensor that the model has not, or of another shape, is refused."""
    path = adapter_file()
    path.write_bytes(path.read_bytes().replace(old, new))
    with pytest.raises(BadAdapter):
        _answer(ask, engine, AdapterUse(path))


def test_rubbish_is_refused_and_harms_nothing(
    engine: LlamaEngine, ask: Ask, adapter_file: Callable[..., Path], model_path: Path, tmp_path: Path
) -> None:
    """A missing file, a text, a cut adapter and a whole model are errors; the engine then answers as before."""
    base = _answer(ask, engine)
    text, cut = tmp_path / "text.gguf", adapter_file("cut.gguf")
    text.write_text("hello", encoding="utf-8")
    cut.write_bytes(cut.read_bytes()[:-1000])
    for path in (tmp_path / "missing", text, cut, model_path):
        with pytest.raises(BadAdapter):
            _answer(ask, engine, AdapterUse(path))
    assert _answer(ask, engine) == base
