"""Answering with a real model."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aigc_cli.core.engine import Engine
from aigc_cli.core.errors import ContextOverflow, UsageProblem
from aigc_cli.core.events import Finished, TextDelta
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request, Sampling
from aigc_cli.engine.llama import live
from aigc_cli.engine.llama.engine import LlamaEngine
from aigc_cli.engine.llama.settings import LlamaSettings

Ask = Callable[..., object]
ITALY = ("What is the capital of France?", "The capital of France is Paris.", "And of Italy?")
GREEDY = Sampling(temperature=0, repeat_penalty=1)


def _long(words: int) -> str:
    return " ".join(f"Item {i} costs {i * 7 % 101} euros." for i in range(words // 6))


def test_it_answers(engine: LlamaEngine, ask: Ask) -> None:
    """The model answers a simple question; usage and rate are reported."""
    assert isinstance(engine, Engine)
    heard = ask(engine, *ITALY, sampling=GREEDY, max_tokens=32)
    assert "Rome" in heard.text
    assert heard.end.reason == "stop"
    roles = ("user", "assistant", "user")
    assert heard.end.usage.prompt_tokens == engine.count([Message(r, t) for r, t in zip(roles, ITALY, strict=True)])
    assert heard.end.timing.ttft_ms > 0
    assert heard.end.timing.tokens_per_second > 0


def test_info_describes_the_model(engine: LlamaEngine) -> None:
    """The engine tells its layers, its context and its threads."""
    info = engine.info()
    assert (info.context, info.layers) == (8192, 30)
    assert info.threads >= 1
    assert info.model


def test_the_same_seed_says_the_same_in_another_process(model_path: Path, cache: Path) -> None:
    """Two fresh processes answer a request with the same seed byte for byte alike."""
    code = (
        "import sys, threading; from pathlib import Path\n"
        "from aigc_cli.core.message import Message; from aigc_cli.core.request import Request, Sampling\n"
        "from aigc_cli.engine.llama.engine import LlamaEngine\n"
        "from aigc_cli.engine.llama.settings import LlamaSettings\n"
        "engine = LlamaEngine(Path(sys.argv[1]), LlamaSettings(cache=Path(sys.argv[2])), print)\n"
        "request = Request((Message('user', 'Tell me a story.'),), Sampling(temperature=1, seed=11), max_tokens=48)\n"
        "for event in engine.generate(request, threading.Event()): print(getattr(event, 'text', ''), end='')\n"
        "print('numpy' in sys.modules)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code, model_path, cache], capture_output=True, check=True, timeout=120)
        for _ in range(2)
    ]
    assert runs[0].stdout == runs[1].stdout
    assert len(runs[0].stdout) > 60
    assert runs[0].stdout.endswith(b"False\n"), "a plain request loads numpy"
    assert runs[0].stderr == b"", "llama.cpp writes to stderr"


def test_different_seeds_differ_and_are_reported(engine: LlamaEngine, ask: Ask) -> None:
    """Without a seed one is drawn, and answering again with the one reported gives the same text."""
    options = {"max_tokens": 24}
    first = ask(engine, "Tell me a story.", sampling=Sampling(temperature=1.2), **options)
    second = ask(engine, "Tell me a story.", sampling=Sampling(temperature=1.2), **options)
    again = ask(engine, "Tell me a story.", sampling=Sampling(temperature=1.2, seed=first.end.seed), **options)
    assert first.end.seed != second.end.seed
    assert again.text == first.text


def test_the_text_is_that_of_the_tokens(engine: LlamaEngine, ask: Ask) -> None:
    """The streamed text, the number of tokens and the tokens reported with log-probabilities agree."""
    heard = ask(engine, "用中文说：你好", sampling=Sampling(seed=5), max_tokens=40, logprobs=True)
    tokens = [part.token for part in heard.end.logprobs]
    assert len(tokens) == heard.end.usage.completion_tokens
    assert engine._model.detokenize(tokens).decode("utf-8", "ignore") == heard.text


def test_a_limit_ends_an_answer(engine: LlamaEngine, ask: Ask) -> None:
    """``max_tokens`` ends an answer as "length", with exactly so many tokens."""
    heard = ask(engine, "Count to one hundred.", sampling=GREEDY, max_tokens=7)
    assert (heard.end.reason, heard.end.usage.completion_tokens) == ("length", 7)


def test_a_stop_string_across_tokens_is_never_shown(engine: LlamaEngine, ask: Ask) -> None:
    """An answer ends before a stop string that several tokens make up."""
    whole = ask(engine, *ITALY, sampling=GREEDY, max_tokens=32).text
    stop = whole[whole.index("Rome") - 4 : whole.index("Rome") + 3]
    heard = ask(engine, *ITALY, sampling=GREEDY, max_tokens=32, stop=(stop,))
    assert (heard.text, heard.end.reason) == (whole[: whole.index(stop)], "stop")


def test_a_new_turn_evaluates_only_what_is_new(engine: LlamaEngine, ask: Ask) -> None:
    """In a chat of ten turns each prompt reuses everything up to the end of the answer before it."""
    texts: list[str] = []
    before = 0
    for turn in range(10):
        texts.append(f"Tell me fact number {turn} about 学习.")
        heard = ask(engine, *texts, sampling=Sampling(temperature=1, seed=turn), max_tokens=12)
        if turn:
            assert heard.end.usage.reused_tokens >= before
        before = heard.end.usage.prompt_tokens + heard.end.usage.completion_tokens - 1
        texts.append(heard.text)


def test_asking_again_evaluates_one_token(engine: LlamaEngine, ask: Ask) -> None:
    """A retry reuses the whole prompt but the token that the answer follows from."""
    ask(engine, "Name a colour.", max_tokens=4)
    again = ask(engine, "Name a colour.", max_tokens=4)
    assert again.end.usage.reused_tokens == again.end.usage.prompt_tokens - 1


def test_reuse_does_not_change_the_answer(engine: LlamaEngine, ask: Ask) -> None:
    """The answer to a prompt is the same whether its beginning was in memory or not."""
    ask(engine, "Completely different.", max_tokens=1)
    fresh = ask(engine, "Name a colour.", sampling=GREEDY, max_tokens=16)
    reused = ask(engine, "Name a colour.", sampling=GREEDY, max_tokens=16)
    assert reused.text == fresh.text


def test_candidates_are_decoded_from_one_prompt(engine: LlamaEngine, ask: Ask) -> None:
    """Each candidate is what a run of its own with that seed gives, and the prompt is evaluated once."""
    sampling = Sampling(temperature=1, seed=40)
    heard = ask(engine, "Tell me a joke.", sampling=sampling, max_tokens=16, candidates=4, stop=("\n",))
    assert len(heard.ends) == 4
    alone = ask(engine, "Tell me a joke.", sampling=Sampling(temperature=1, seed=42), max_tokens=16, stop=("\n",))
    assert heard.ends[2].seed == 42
    assert heard.texts[2][:12] == alone.text[:12]
    assert len(set(heard.texts.values())) > 1


def test_the_chosen_candidate_is_reused(engine: LlamaEngine, ask: Ask) -> None:
    """A chat that goes on from any candidate finds it in memory."""
    heard = ask(engine, "Tell me a joke.", sampling=Sampling(temperature=1, seed=7), max_tokens=16, candidates=3)
    known = heard.ends[2].usage.prompt_tokens + heard.ends[2].usage.completion_tokens - 1
    going_on = ask(engine, "Tell me a joke.", heard.texts[2], "Another one.", max_tokens=2)
    assert going_on.end.usage.reused_tokens >= known


def test_candidates_without_room_wait_for_each_other(model_path: Path, cache: Path, ask: Ask) -> None:
    """When the answers do not fit into memory together, some are set aside and finished later, unharmed."""
    engine = LlamaEngine(model_path, LlamaSettings(context=128, batch=16, cache=cache), print)
    try:
        sampling = Sampling(temperature=1, seed=3, logit_bias={2: float("-inf"), 0: float("-inf")})
        heard = ask(engine, "Tell me a long story.", sampling=sampling, max_tokens=40, candidates=4)
        assert [end.usage.completion_tokens for end in heard.ends.values()] == [40] * 4
        alone = ask(engine, "Tell me a long story.", sampling=sampling, max_tokens=12)
        assert heard.texts[0][:20] == alone.text[:20]
    finally:
        engine.close()


def test_an_overflow_is_told_before_anything_is_evaluated(model_path: Path, cache: Path, ask: Ask) -> None:
    """A prompt that does not fit is refused with the number of tokens it has, and the next one is answered."""
    engine = LlamaEngine(model_path, LlamaSettings(context=128, cache=cache), print)
    try:
        with pytest.raises(ContextOverflow) as caught:
            ask(engine, _long(200))
        assert caught.value.params["context"] == 128
        assert caught.value.params["needed"] == engine.count([Message("user", _long(200))]) + 1
        assert ask(engine, "Hi", max_tokens=2).end.usage.completion_tokens == 2
    finally:
        engine.close()


def test_an_answer_ends_with_the_context(model_path: Path, cache: Path, ask: Ask) -> None:
    """Without a limit an answer may use what is left of the context, and ends as "length" there."""
    engine = LlamaEngine(model_path, LlamaSettings(context=64, cache=cache), print)
    try:
        forever = Sampling(seed=1, logit_bias={2: float("-inf"), 0: float("-inf")})
        heard = ask(engine, "Count.", sampling=forever)
        usage = heard.end.usage
        assert (heard.end.reason, usage.prompt_tokens + usage.completion_tokens) == ("length", 64)
    finally:
        engine.close()


def test_a_huge_text_is_refused_without_being_tokenized(engine: LlamaEngine) -> None:
    """A text of 100 MB gets a lower bound of its tokens, in far less time than tokenizing it would take."""
    huge = Message("user", "字" * (1 << 25))
    started = time.monotonic()
    least = engine.count([huge])
    with pytest.raises(ContextOverflow) as caught:
        next(iter(engine.generate(Request((huge,)), threading.Event())))
    assert time.monotonic() - started < 60
    assert caught.value.params["needed"] == least > 8192


def test_cancelling_stops_between_tokens(engine: LlamaEngine) -> None:
    """A cancelled answer ends as interrupted with the text it has."""
    cancel = threading.Event()
    request = Request((Message("user", "Tell me a long story."),), Sampling(seed=1), candidates=2)
    text = {0: "", 1: ""}
    ends = []
    for event in engine.generate(request, cancel):
        if isinstance(event, TextDelta):
            text[event.candidate] += event.text
            if len(text[0]) > 20:
                cancel.set()
        elif isinstance(event, Finished):
            ends.append(event)
    assert [end.reason for end in ends] == ["interrupted", "interrupted"]
    assert 20 < len(text[0]) < 60


def test_cancelling_during_the_prompt_keeps_what_was_evaluated(
    engine: LlamaEngine, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A prompt whose evaluation was stopped is not evaluated again from the beginning."""
    monkeypatch.setattr(live, "_PATIENCE", 0.0)  # however fast the machine is, progress is reported
    text = _long(300)
    cancel = threading.Event()
    request = Request((Message("user", text),), max_tokens=1)
    events = engine.generate(request, cancel)
    first = next(events)
    cancel.set()
    (end,) = [event for event in events if isinstance(event, Finished)]
    assert first.done < first.total
    assert (end.reason, end.usage.completion_tokens) == ("interrupted", 0)
    resumed = ask(engine, text, max_tokens=1)
    assert resumed.end.usage.reused_tokens >= first.done
    assert resumed.progress[-1].done == resumed.progress[-1].total


def test_a_generator_that_is_dropped_leaves_a_usable_engine(engine: LlamaEngine, ask: Ask) -> None:
    """Whoever stops listening in the middle of an answer can ask again, and the answer so far is reused."""
    events = engine.generate(Request((Message("user", "Tell me a story."),), GREEDY), threading.Event())
    for _ in range(5):
        next(events)
    events.close()
    assert ask(engine, "Tell me a story.", sampling=GREEDY, max_tokens=4).end.usage.reused_tokens > 20


def test_log_probabilities_are_those_of_the_model(engine: LlamaEngine, ask: Ask) -> None:
    """Log-probabilities belong to the model alone: sampling settings do not change them."""
    greedy = ask(engine, "Name a colour.", sampling=GREEDY, max_tokens=8, logprobs=True)
    biased = Sampling(temperature=0, repeat_penalty=1.5, logit_bias={5: -1.0})
    first = ask(engine, "Name a colour.", sampling=biased, max_tokens=1, logprobs=True).end.logprobs[0]
    assert first == greedy.end.logprobs[0]
    assert all(part.logprob <= 0 for part in greedy.end.logprobs)


def test_scores_agree_with_what_was_drawn(engine: LlamaEngine) -> None:
    """The score of a likely text is higher than that of the same words in disorder, token by token complete."""
    likely, unlikely = engine.score("The capital of France is Paris."), engine.score("Paris capital is France of The.")
    assert sum(part.logprob for part in likely) > sum(part.logprob for part in unlikely)
    assert "".join(part.text for part in likely) == " capital of France is Paris."
    assert engine.score("") == []


def test_embeddings_have_unit_length_and_mean_something(engine: LlamaEngine) -> None:
    """Texts on one subject are nearer to each other than to one on another, also beyond 512 tokens."""
    cat, dog, tax, long = engine.embed(["A cat sleeps.", "A dog sleeps.", "Tax law of 1987", _long(400)])
    assert all(abs(sum(x * x for x in vector) - 1) < 1e-6 for vector in (cat, dog, tax, long))
    assert sum(map(float.__mul__, cat, dog)) > sum(map(float.__mul__, cat, tax))


def test_closing_twice_does_nothing(model_path: Path, cache: Path) -> None:
    """An engine can be closed again."""
    engine = LlamaEngine(model_path, LlamaSettings(cache=cache), print)
    engine.close()
    engine.close()


def test_no_tokens_and_no_candidates(engine: LlamaEngine, ask: Ask) -> None:
    """A limit of 0 tokens only evaluates the prompt, and a number of candidates that cannot be is an error."""
    heard = ask(engine, "Hi", max_tokens=0)
    assert (heard.text, heard.end.reason, heard.end.usage.completion_tokens) == ("", "length", 0)
    for number in (0, 100_000):
        with pytest.raises(UsageProblem):
            ask(engine, "Hi", candidates=number)
