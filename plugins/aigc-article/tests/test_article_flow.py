"""The whole generator, on texts given by hand and on the echo engine."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from aigc_article import aigc_templates
from aigc_article.flow import article
from aigc_article.generator import GENERATOR
from aigc_article.text import length

from aigc_cli.api import Artifact, Brief, Complete, Completion, Confirm, Embed, Message, OptionValue, Step, UsageProblem
from aigc_cli.testing import EchoEngine, Played, play, play_on

(TEMPLATES,) = aigc_templates()
OUTLINE = "## Shade\n- cools streets\n- cools houses\n## Air\n- catches dust\n"
OUTLINE_ZH = "## 树荫\n- 为街道降温\n## 空气\n- 吸附灰尘\n"
REPEATED = "This very sentence about trees comes again and again and again in each part of it."


def story(size: int, seed: int = 0) -> str:
    """Return sentences of random words with so many words in all, or a few more."""
    draw, sentences = random.Random(seed), []
    while length(" ".join(sentences)) < size:
        sentences.append(
            " ".join(f"{draw.choice('bcdfgh')}{draw.randrange(999)}x" for _ in range(9)).capitalize() + "."
        )
    return " ".join(sentences)


def played(texts: list[str], topic: str = "City trees", language: str = "en", **options: OptionValue) -> Played:
    """Run the generator on ``texts``; a hyphen in an option's name is an underscore, "sources" is --from."""
    given = {"from" if name == "sources" else name: value for name, value in options.items()}
    return play(GENERATOR, topic, texts, options=given, language=language, templates=TEMPLATES)


def asked(run: Played, label: str) -> list[Complete]:
    """Return the requests with this label."""
    return [step for step in run.steps if isinstance(step, Complete) and step.label == label]


def prompt(step: Complete) -> str:
    """Return what the model is asked."""
    return step.request.messages[-1].content


def test_an_article_is_an_outline_its_sections_a_title_and_an_abstract() -> None:
    """The text has front matter, title, abstract and the sections in their order, and is as long as it was to be."""
    run = played(
        [OUTLINE] * 4 + ["Trees in town"] * 3 + [story(130, 1), story(130, 2), story(20, 3)], words=300, sections=2
    )
    made = run.artifact
    assert (made.kind, made.title, made.format, made.check.problems) == ("article", "Trees in town", "markdown", ())
    assert re.findall(r"^#+ .*", made.text, re.MULTILINE) == ["# Trees in town", "## Shade", "## Air"]
    assert made.text.startswith('---\ntitle: "Trees in town"\nlang: "en"\nlength: ')
    assert 270 <= made.check.facts["length"] <= 330
    (air,) = asked(run, "Air")
    assert "catches dust" in prompt(air)
    assert story(130, 1).partition(".")[0] in prompt(air), "it is told what the section before says"
    assert air.kept
    assert air.shown


def test_a_chinese_article_is_counted_in_characters() -> None:
    """Prompts, problems and the unit are Chinese."""
    draw = random.Random(4)
    text = [
        "".join("".join(chr(0x4E00 + draw.randrange(5000)) for _ in range(12)) + "。" for _ in range(n))
        for n in (8, 8, 2)
    ]
    run = played([OUTLINE_ZH] * 4 + ["城市的树"] * 3 + text, "城市种树", "zh", chars=220, sections=2)
    assert run.artifact.check.valid, run.artifact.check.problems
    assert (run.artifact.check.facts["unit"], run.artifact.title) == ("字", "城市的树")
    assert "写这一节的正文" in prompt(asked(run, "树荫")[0])


def test_a_short_section_is_continued_and_a_long_one_cut() -> None:
    """More is asked for on one point after the other; what is too much ends with a sentence."""
    texts = [story(40, 1), story(40, 2), story(70, 3), story(400, 4), story(20, 5)]
    run = played(texts, words=300, outline=f"# Trees\n{OUTLINE}")
    shade = asked(run, "Shade")
    assert ["cools streets; cools houses" in prompt(step) for step in shade] == [True, False, False]
    assert ["Points: cools streets\n" in prompt(step) for step in shade] == [False, True, False]
    assert len(asked(run, "Air")) == 1
    assert 270 <= run.artifact.check.facts["length"] <= 330
    assert run.artifact.text.endswith(".\n")


def test_a_section_that_repeats_is_redone_and_then_freed_of_it() -> None:
    """It is drawn more freely each time; after the tries, repeated sentences are dropped from the best draft."""
    texts = [f"{REPEATED} {story(130, 1)}", *[f"{REPEATED} {REPEATED} {REPEATED} {story(100, n)}" for n in (2, 3, 4)]]
    run = played([*texts, story(30, 5), story(20, 6)], words=300, outline=f"# Trees\n{OUTLINE}")
    air = asked(run, "Air")
    heat = [step.request.sampling.temperature for step in air[:3]]
    assert heat == sorted(heat)
    assert heat[0] < heat[2]
    assert air[2].request.sampling.repeat_penalty > air[0].request.sampling.repeat_penalty
    assert run.artifact.text.count(REPEATED) == 1
    assert run.artifact.check.facts["most_frequent_8_gram"] == 1
    assert run.artifact.check.facts["redone"] == 3


def test_a_section_that_only_repeats_comes_to_an_end() -> None:
    """The article is short then, and its check says so; on the echo engine, every answer is the prompt."""
    run = play_on(EchoEngine(context=2048), GENERATOR, "City trees", options={"words": 300}, templates=TEMPLATES)
    assert not run.artifact.check.valid
    assert "was to have 300" in run.artifact.check.problems[0]


def test_the_user_may_change_the_outline() -> None:
    """The question comes first; what is edited is followed, its title too; without sections it is refused."""
    texts = [OUTLINE] * 4
    options: dict[str, OptionValue] = {"words": 150, "sections": 2}

    def edit(text: str) -> str:
        assert text == OUTLINE
        return "# My title\n## Only this\n- one point\n"

    def run(changed: object) -> Played:
        more = [story(130, 1), story(20, 2)]
        return play(
            GENERATOR, "Trees", texts + more, options=options, templates=TEMPLATES, confirm=True, edit=changed  # type: ignore[arg-type]
        )  # fmt: skip

    made = run(edit).artifact
    assert re.findall(r"^#+ .*", made.text, re.MULTILINE) == ["# My title", "## Only this"]
    with pytest.raises(UsageProblem, match="no section"):
        run(lambda text: "nothing")


def test_sources_are_all_that_a_section_gets() -> None:
    """Passages are chosen for it, false quotes are removed, true ones stay, and the check knows."""
    source = 'Keeper Mary wrote: "The sea was a wall of iron that night." ' + story(80, 9)
    text = (
        f'She wrote: "The sea was a wall of iron that night." He said: "I have never seen such a thing." {story(60, 1)}'
    )
    outline = "# Light\n## The storm\n- what Mary wrote\n"
    run = played([text, story(30, 2), story(10, 3)], words=120, outline=outline, sources=(source,))
    assert "wall of iron" in run.artifact.text
    assert "such a thing" not in run.artifact.text
    facts = run.artifact.check.facts
    assert (facts["quotes"], facts["removed_quotes"]) == (1, ["I have never seen such a thing."])
    assert any(isinstance(step, Embed) for step in run.steps)
    assert "wall of iron" in prompt(asked(run, "The storm")[0])


def test_options_that_make_no_sense_together_are_refused() -> None:
    """Each before anything is asked of the model."""
    for options, detail in (
        ({"words": 100, "chars": 100}, "exclude"),
        ({"words": 60, "sections": 9}, "too few"),
        ({"outline": "no headings here"}, "no section"),
    ):
        with pytest.raises(UsageProblem, match=detail):
            played([], **options)  # type: ignore[arg-type]


def test_prompts_fit_a_small_context_however_long_the_article_is() -> None:
    """With 2,048 tokens, 3,000 words, 20 sections and a long source, every prompt leaves room for its answer."""
    headings = [f"Part {story(1, n)[:12]} number {n}" for n in range(20)]
    outline = "# Long\n" + "".join(f"## {heading}\n- {story(9, n)}\n" for n, heading in enumerate(headings))
    engine = EchoEngine(context=2048)
    brief_options = {o.name: () if o.multiple else o.default for o in GENERATOR.options}
    brief_options |= {"words": 3000, "outline": outline, "from": (story(4000, 7),)}

    def count(text: str) -> int:
        return engine.count([Message("user", text)])

    sent: object = None
    flow = article(Brief("Long things", brief_options, "en", 2048, None, count, filled))
    made, number = None, 0
    while made is None:
        try:
            step: Step = flow.send(sent)
        except StopIteration as end:
            made = end.value
            break
        sent = None
        if isinstance(step, Complete):
            number += 1
            assert engine.count(step.request.messages) + (step.request.max_tokens or 0) <= 2048
            assert (step.request.max_tokens or 0) >= 64 or step.label == "title"
            sent = (Completion(story(160, number), "stop", 160),)
        elif isinstance(step, Embed):
            sent = engine.embed(step.texts)
        elif isinstance(step, Confirm):
            sent = False
    assert isinstance(made, Artifact)
    assert made.check.valid, made.check.problems


def filled(name: str, variables: object) -> object:
    """Fill in one of the templates as the host does."""
    from aigc_cli.templates.collection import Templates
    from aigc_cli.templates.filling import fill_by_name

    return fill_by_name(Templates(Path("none"), lambda: [("article", TEMPLATES)]), name, variables, "en")  # type: ignore[arg-type]


def test_an_article_of_anyone_can_be_checked() -> None:
    """Length, outline, repetition and quotes are looked at as far as the options say what they are to be."""
    assert GENERATOR.check is not None
    text = f'# T\n\n## Air\n\nHe wrote "we were never there at all". {" ".join([REPEATED] * 3)}\n\n## Shade\n'
    options: dict[str, OptionValue] = {"words": 500, "outline": OUTLINE + "## Birds\n", "from": ("other words",)}
    problems = " | ".join(GENERATOR.check(text, options, "en").problems)
    for part in ("was to have 500", "'Birds' of the outline is missing", "'Shade' is empty", "3 times", "never there"):
        assert part in problems
    assert GENERATOR.check(text.replace(f" {REPEATED}", "", 1), {}, "en").valid
    assert "缺少提纲中的小节“Birds”" in " ".join(GENERATOR.check(text, options, "zh").problems)
