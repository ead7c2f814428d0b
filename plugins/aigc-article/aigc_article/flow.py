"""How an article comes about: outline, title, one section after the other, abstract."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from aigc_article import grammar
from aigc_article.check import Wanted
from aigc_article.document import Article
from aigc_article.outline import Outline, Section, parse, pooled
from aigc_article.repetition import Said
from aigc_article.section import Notebook, SectionWriter, TextFlow
from aigc_article.sources import Library, passages
from aigc_article.task import Task, task, usable
from aigc_article.text import balanced, clipped, cut, length, prose
from aigc_cli.api import Artifact, Brief, Completions, Confirm, Edit, Embed, Flow, Report, Step

_OUTLINES = 4  # drafts of an outline, of which the fullest is taken
_OUTLINE_TRIES = 3
_TITLES = 3  # drafts of a title, of which the first that is short enough is taken
_TOKENS_OF_SECTION = 120
_TOKENS_OF_TITLE = 48
_TOKENS_OF_ABSTRACT = 200
_LONGEST_ABSTRACT = 60
_MOST_IN_TITLE = {"en": 14, "zh": 24}


def article(brief: Brief) -> Flow:
    """Begin to write an article.

    Raises:
        UsageProblem: if the options make no sense together, or the edited outline has no section.
    """
    wanted = task(brief)
    outline = wanted.outline or (yield from _outline(wanted))
    steps = len(outline.sections) + 1
    title = outline.title or (yield from _title(wanted, outline))
    library, queries = yield from _library(wanted, outline)
    said = Said(title)
    notes = Notebook(wanted, outline, Article(title, wanted.language), library, said, [])
    for number, section in enumerate(outline.sections):
        yield Report(number, steps, section.heading)
        notes.said.add(section.heading)
        share = _share(notes, number)
        text = yield from SectionWriter(notes, number, share, queries[number]).write()
        notes.article.sections.append((section.heading, text))
    yield Report(steps - 1, steps, wanted.say("abstract"))
    notes.article.abstract = yield from _abstract(notes)
    yield Report(steps, steps)
    return _artifact(notes)


def _outline(wanted: Task) -> Generator[Step, Any, Outline]:
    """Plan the article, and let the user change the plan."""
    prompt = wanted.fill(
        "article-outline",
        input=wanted.brief.topic,
        sections=str(wanted.section_count),
        sources=_beginning(wanted),
        **wanted.style,
    )
    example = "\n".join(message.content for message in prompt.messages if message.role == "assistant")
    drafts: list[Outline] = []
    best = Outline(())
    for tries in range(_OUTLINE_TRIES):
        results: Completions = yield wanted.complete(
            prompt, grammar.outline(wanted.section_count, wanted.language), wanted.say("outline"),
            wanted.section_count * _TOKENS_OF_SECTION, tries=tries, n=wanted.brief.candidates or _OUTLINES, shown=True,
        )  # fmt: skip
        drafts += [parse(result.text) for result in results]
        best = pooled(drafts, wanted.section_count, example)
        if len(best.sections) == wanted.section_count:
            break
    if not best.sections:
        best = Outline((Section(_topic_line(wanted)),))
    headings = "; ".join(section.heading for section in best.sections)
    if (yield Confirm(wanted.say("edit", headings=headings))):
        best = parse((yield Edit(best.markdown())))
    return usable(best, wanted.language)


def _beginning(wanted: Task) -> str:
    """Return the beginning of each source, as much as a third of the context holds."""
    budget = wanted.brief.context // (3 * max(1, len(wanted.sources)))
    begun = []
    for source in wanted.sources:
        parts: list[str] = []
        for passage in passages([source]):
            if wanted.brief.count("\n".join([*parts, passage])) > budget:
                break
            parts.append(passage)
        begun.append("\n".join(parts))
    return "\n\n".join(begun)


def _title(wanted: Task, outline: Outline) -> TextFlow:
    headings = "; ".join(section.heading for section in outline.sections)
    prompt = wanted.fill("article-title", input=wanted.brief.topic, outline=headings, **wanted.style)
    results: Completions = yield wanted.complete(
        prompt,
        grammar.title(wanted.language),
        wanted.say("title"),
        _TOKENS_OF_TITLE,
        n=wanted.brief.candidates or _TITLES,
    )
    titles = [result.text.strip().strip('"“”《》.。') for result in results if result.finish_reason == "stop"]
    fitting = [title for title in titles if 0 < length(title) <= _MOST_IN_TITLE[wanted.language]]
    return fitting[0] if fitting else _topic_line(wanted)


def _topic_line(wanted: Task) -> str:
    """Return the first line of the topic as a heading."""
    line = clipped(wanted.brief.topic.strip().partition("\n")[0], _MOST_IN_TITLE[wanted.language])
    return line[:1].upper() + line[1:]


def _library(wanted: Task, outline: Outline) -> Generator[Step, Any, tuple[Library, Sequence[Sequence[float]]]]:
    """Read the sources: a vector for each passage of them, and one for what each section is about."""
    if not wanted.sources:
        return Library(), [()] * len(outline.sections)
    parts = passages(wanted.sources)
    about = tuple(". ".join([section.heading, *section.points]) for section in outline.sections)
    vectors = yield Embed((*parts, *about))
    return Library(parts, tuple(vectors[: len(parts)])), vectors[len(parts) :]


def _share(notes: Notebook, number: int) -> int:
    """Return how long a section has to be for the whole to get its length, whatever came before it."""
    headings = sum(length(section.heading) for section in notes.outline.sections[number:])
    left = notes.task.target - length(notes.article.body()) - headings - _abstract_share(notes.task)
    return max(1, round(left / (len(notes.outline.sections) - number)))


def _abstract_share(wanted: Task) -> int:
    return min(_LONGEST_ABSTRACT, wanted.target // 10)


def _abstract(notes: Notebook) -> TextFlow:
    """Sum the article up, in as much as it lacks of its length."""
    wanted = notes.task
    gist = "\n".join(text.partition("\n")[0] for _, text in notes.article.sections)
    gist = wanted.shortened(gist) or notes.article.title
    prompt = wanted.fill("article-abstract", title=notes.article.title, input=gist)
    results: Completions = yield wanted.complete(
        prompt, grammar.abstract(wanted.language), wanted.say("abstract"), _TOKENS_OF_ABSTRACT
    )
    text, _ = notes.said.fresh(prose(results[0].text).replace("\n\n", " "), again=True)
    left = wanted.target - length(notes.article.body())
    return balanced(cut(text, max(left, min(_abstract_share(wanted), left + wanted.target // 20))))


def _artifact(notes: Notebook) -> Artifact:
    wanted, written = notes.task, notes.article
    facts = {
        "sections": len(written.sections),
        "redone": notes.redone,
        "left_out": notes.repeated,
        "removed_quotes": list(notes.removed_quotes),
    }
    check = Wanted(wanted.language, wanted.target, notes.outline, wanted.sources, facts).check(written.body())
    return Artifact("article", written.title, written.markdown(), check, "markdown", notes.turn)
