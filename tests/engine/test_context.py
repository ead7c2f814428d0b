"""What llama.cpp has evaluated, and how it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aigc_cli.engine.llama.binding import C
from aigc_cli.engine.llama.context import Context
from aigc_cli.engine.llama.model import Model
from aigc_cli.engine.llama.settings import LlamaSettings
from aigc_cli.engine.llama.states import StateCache


@pytest.fixture(scope="module")
def model(model_path: Path) -> Iterator[Model]:
    """Return the starter model."""
    model = Model(model_path, 0)
    yield model
    model.close()


@pytest.fixture
def context(model: Model) -> Iterator[Context]:
    """Return a context in which a sentence is evaluated."""
    context = Context(model, LlamaSettings(), limit=4096)
    tokens = model.tokenize("The capital of France is", special=False)
    context.decode(tokens, range(len(tokens)), [0] * len(tokens), all_logits=False)
    yield context
    context.close()


def _logits(context: Context, model: Model, sequence: int = 0) -> list[float]:
    """Evaluate one more token and return the logits after it."""
    position = context.evaluated(sequence)
    context.decode([7042], [position], [sequence], all_logits=True)
    logits = C.llama_get_logits_ith(context.handle, 0)[: model.vocabulary]
    context.truncate(sequence, position)
    return list(logits)


def test_growing_keeps_what_was_evaluated(context: Context, model: Model) -> None:
    """A context that is replaced by a larger one goes on with exactly the same logits."""
    before = _logits(context, model)
    assert context.reserve(3000, 4)
    assert context.cells >= 3000
    assert _logits(context, model) == before


def test_the_limit_is_never_exceeded(context: Context) -> None:
    """More cells than the limit are refused, and the context stays as it is."""
    assert not context.reserve(4097)
    assert context.evaluated() == 5


def test_a_copied_sequence_continues_alike(context: Context, model: Model) -> None:
    """A copy of a sequence has the same logits, and becomes sequence 0 when only it is kept."""
    context.reserve(10, 3)
    before = _logits(context, model)
    context.copy(0, 2)
    assert _logits(context, model, 2) == before
    context.keep_only(2)
    assert (context.evaluated(0), context.evaluated(2)) == (5, 0)
    assert _logits(context, model) == before


def test_threads_do_not_change_results(context: Context, model: Model) -> None:
    """The logits are the same with one thread and with two, so that threads can come and go."""
    context.use_threads(1)
    one = _logits(context, model)
    context.use_threads(2)
    assert _logits(context, model) == one


def test_a_state_survives_the_disk(context: Context, model: Model, tmp_path: Path) -> None:
    """What was evaluated is found again by its fingerprint, with its tokens, and continues alike."""
    cache = StateCache(tmp_path / "states", 1 << 30)
    tokens = model.tokenize("The capital of France is", special=False)
    before = _logits(context, model)
    path = cache.save("abc", context, 0, tokens)
    assert path
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(cache.known("abc")) == [(path, tokens)]
    assert list(cache.known("abd")) == []
    context.clear()
    assert cache.load(path, context)
    assert context.evaluated() == len(tokens)
    assert _logits(context, model) == before


@pytest.mark.parametrize("place", [0, 9, 40, 30_000, -1])
def test_a_damaged_state_is_never_loaded(context: Context, tmp_path: Path, place: int) -> None:
    """A file with one wrong byte, wherever it is, is refused and removed."""
    cache = StateCache(tmp_path, 1 << 30)
    path = cache.save("abc", context, 0, [1, 2, 3, 4, 5])
    assert path
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    assert not cache.load(path, context)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"x", b"qsgg", bytes(100)])
def test_rubbish_among_the_states_is_passed_over(tmp_path: Path, content: bytes) -> None:
    """A file that is no state is not listed."""
    (tmp_path / "abc-00000000.kv").write_bytes(content)
    assert list(StateCache(tmp_path, 1 << 30).known("abc")) == []


def test_the_oldest_states_go_first(context: Context, tmp_path: Path) -> None:
    """The folder never holds more than its limit, a state larger than that is not kept, and use keeps one alive."""
    size = C.llama_state_seq_get_size(context.handle, 0)
    cache = StateCache(tmp_path, int(size * 2.5))
    one = cache.save("one", context, 0, [1, 2, 3, 4, 5])
    assert one
    cache.save("two", context, 0, [1, 2, 3, 4, 5])
    assert cache.load(one, context)
    cache.save("three", context, 0, [1, 2, 3, 4, 5])
    assert {path.name[:3] for path in tmp_path.iterdir()} == {"one", "thr"}
    assert StateCache(tmp_path, size - 1).save("big", context, 0, [1]) is None


def test_a_folder_that_cannot_be_written_is_no_error(context: Context, tmp_path: Path) -> None:
    """Where nothing can be kept, nothing is, and nobody is bothered."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert StateCache(tmp_path / "file" / "states", 1 << 30).save("abc", context, 0, [1]) is None
