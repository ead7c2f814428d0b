"""The templates that come with aigc."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import pytest

from aigc_cli.core.template import PromptTemplate
from aigc_cli.templates import Templates
from aigc_cli.templates.collection import bundled_folder
from aigc_cli.templates.filling import fill
from aigc_cli.templates.format import load

FILES = sorted(bundled_folder().glob("*/*.toml"))
NAMES = {"summarize", "rewrite", "translate", "explain", "title", "commit-message", "email", "brainstorm"}
SAMPLES = {"en": "The library opens at nine.", "zh": "图书馆九点开门。"}


def shape(template: PromptTemplate) -> object:
    """Return what a template has in common with its translations."""
    variables = [dataclasses.replace(v, help="", default=None) for v in template.variables]
    return (
        variables,
        template.sampling,
        template.max_tokens,
        template.stop,
        template.version,
        len(template.examples),
        [(variant.name, variant.system is None, variant.user is None) for variant in template.variants],
    )


def test_every_template_is_there_in_both_languages() -> None:
    """The set is complete, each template has one name of its own, and no file is broken."""
    listed = [info for info in Templates(Path("/nowhere"), list).all() if not info.error]
    assert sorted((info.name, info.language) for info in listed) == sorted(
        (name, language) for name in NAMES for language in SAMPLES
    )
    assert len(FILES) == len(listed)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_template_renders_in_every_way(path: Path) -> None:
    """With defaults and with every choice, the messages alternate, end with the text, and have no gaps."""
    template = load(path, "bundled")
    settings = [{}, *({v.name: choice} for v in template.variables for choice in v.choices)]
    settings += [{v.name: number} for v in template.variables if v.type == "int" for number in ("1", "3")]
    wordings = [template, *(template.in_words_of(variant.name) for variant in template.variants)]
    for words, given in itertools.product(wordings, settings):
        messages = fill(words, given, SAMPLES[template.language]).messages
        roles = [message.role for message in messages if message.role != "system"]
        assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"]
        assert SAMPLES[template.language] in messages[-1].content
        for message in messages:
            assert message.content.strip()
            assert "\n\n\n" not in message.content
            assert message.content.startswith("```") or "  " not in message.content
    assert all(variable.help for variable in template.variables)
    assert all(variable.default is not None for variable in template.variables)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_translations_agree(name: str) -> None:
    """Both languages of a template take the same variables, choices and sampling, so scripts work with either."""
    templates = Templates(Path("/nowhere"), list)
    assert shape(templates.get(f"{name}.en")) == shape(templates.get(f"{name}.zh"))


def test_translate_goes_the_other_way() -> None:
    """Without being told, Chinese is translated into English and English into Chinese."""
    templates = Templates(Path("/nowhere"), list)
    for name, target in (("en", "English"), ("zh", "英文")):
        assert target in fill(templates.get(f"translate.{name}"), {}, "你好").messages[-1].content
    assert "Chinese" in fill(templates.get("translate.en"), {}, "hello").messages[-1].content
    assert "French" in fill(templates.get("translate.en"), {"to": "French"}, "你好").messages[-1].content


def test_the_index_lists_every_template() -> None:
    """prompts/README.md has a line for each template with its description and its variables."""
    index = (bundled_folder() / "README.md").read_text(encoding="utf-8")
    for path in FILES:
        template = load(path, "bundled")
        variables = ", ".join(f"`{variable.name}`" for variable in template.variables)
        if template.language == "en":
            assert f"| `{template.name}` | {template.description} | {variables} |" in index
