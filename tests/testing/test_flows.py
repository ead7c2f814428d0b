"""The public test kit runs generators, with texts of the test's own and on engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_cli.api import (
    Artifact,
    Brief,
    Call,
    Check,
    Complete,
    Confirm,
    Edit,
    Embed,
    Flow,
    Generator,
    Message,
    Option,
    PluginError,
    Report,
    Request,
    Score,
)
from aigc_cli.core.events import Finished
from aigc_cli.core.generator import Step
from aigc_cli.testing import EchoEngine, open_model, play, play_on


def made(text: str) -> Artifact:
    """Return an artifact."""
    return Artifact("text", "", text, Check(True))


def generator(flow: object, **more: object) -> Generator:
    """Return a generator that works like this."""
    return Generator("try", {"en": "Try."}, flow, **more)  # type: ignore[arg-type]


def test_a_request_takes_as_many_texts_as_it_has_candidates() -> None:
    """Texts come in order; a flow that wants more or leaves some fails the test."""

    def flow(brief: Brief) -> Flow:
        drafts = yield Complete(Request((Message("user", brief.topic),), candidates=2))
        (last,) = yield Complete(Request((Message("user", drafts[1].text), Message("assistant", "It is"))))
        return made(last.text)

    played = play(generator(flow), "sea", ["a", "b", " c"])
    assert played.artifact.text == " c", "what the request began itself is no part of the completion"
    assert [type(step) for step in played.steps] == [Complete, Complete]
    for texts in (["a"], ["a", "b", "c", "d"]):
        with pytest.raises(AssertionError):
            play(generator(flow), "sea", texts)


def test_every_step_is_answered() -> None:
    """Each kind of step is sent what its description says."""
    got: list[object] = []

    def flow(brief: Brief) -> Flow:
        steps: list[Step] = [Score("a b"), Embed(("a", "b")), Report(1, 2), Confirm("?"), Edit("x"), Call(lambda: [1])]
        for step in steps:
            got.append((yield step))  # noqa: PERF401 - a comprehension cannot yield
        return made(f"{brief.options} {brief.language} {brief.candidates} {brief.context} {brief.count('a b')}")

    options = (Option("n", {"en": "n"}, "int", 3), Option("file", {"en": "f"}, "file", multiple=True))
    played = play_on(
        EchoEngine(), generator(flow, options=options), "sea", language="zh", confirm=True, edit=lambda text: text + "y"
    )
    scores, vectors, *rest = got
    assert [one.text for one in scores] == [" b"]  # type: ignore[attr-defined]
    assert len(vectors) == 2  # type: ignore[arg-type]
    assert rest == [None, True, "xy", [1]]
    assert played.artifact.text == "{'n': 3, 'file': ()} zh None 4096 2"


def test_templates_are_filled_in_the_language_of_the_brief(tmp_path: Path) -> None:
    """The plugin's own folder is read; the text that a template works on is its variable "input"."""
    for language, word in (("en", "Sing"), ("zh", "唱")):
        (tmp_path / f"song.{language}.toml").write_text(f'description = "d"\nuser = "{word}: {{{{ input }}}}"\n')

    def flow(brief: Brief) -> Flow:
        prompt = brief.fill("song", {"input": brief.topic})
        (song,) = yield Complete(Request(prompt.messages))
        return made(song.text)

    assert play_on(EchoEngine(), generator(flow), "sea", templates=tmp_path).artifact.text == "Sing: sea"
    assert play_on(EchoEngine(), generator(flow), "海", templates=tmp_path, language="zh").artifact.text == "唱: 海"


def test_seeds_follow_from_the_first(model_path: Path) -> None:
    """With a model, the same seed makes the same text, and no two completions draw alike."""

    def flow(brief: Brief) -> Flow:
        request = Request((Message("user", brief.topic),), max_tokens=8)
        (one,) = yield Complete(request)
        (two,) = yield Complete(request)
        return made(f"{one.text}|{two.text}")

    engine = open_model(model_path)
    try:
        first, again = (play_on(engine, generator(flow), "Name a colour.", seed=7) for _ in range(2))
    finally:
        engine.close()
    assert first.artifact == again.artifact
    assert [event.seed for event in first.events if isinstance(event, Finished)] == [7, 71]


@pytest.mark.parametrize(
    ("flow", "detail"),
    [
        (lambda brief: 1 / 0, "ZeroDivisionError: division by zero (test_flows.py, line"),
        (lambda brief: (x for x in [7]), "its flow asked for 7, which is no step"),
        (lambda brief: iter([]), "AttributeError"),
        (lambda brief: (x for x in []), "its flow made None, which is no Artifact"),
        (lambda brief: (exit(3) for _ in [1]), "SystemExit: 3"),
        (lambda brief: (Call(lambda: {}["no"]) for _ in [1]), "KeyError: 'no'"),
    ],
)
def test_a_flow_that_fails_is_named(flow: object, detail: str) -> None:
    """Whatever a flow does wrong, it is the plugin's error, with the place and a remedy."""
    with pytest.raises(PluginError) as error:
        play(generator(flow), "sea", [])
    assert detail in str(error.value)
    assert error.value.params["remedy"] == "aigc plugins disable try"
