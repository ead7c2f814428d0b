"""Prompt templates: what a template file says, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from aigc_cli.core.message import Message
from aigc_cli.core.request import Request, Sampling

Value: TypeAlias = str | int | float | bool
BASE = "base"
"""What a template's own words are called beside those of its variants."""

VariableType = Literal["str", "int", "float", "bool", "choice"]


@dataclass(frozen=True, slots=True)
class Variable:
    """Something the user may tell a template, as in ``-p tone=formal``.

    Attributes:
        type: What the value is read as; a "choice" is one of ``choices``.
        default: None if the value has to be given.
        help: A few words on what it does, in the language of the template.
    """

    name: str
    type: VariableType = "str"
    default: Value | None = None
    help: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """One exchange shown to the model before the real one (few-shot). Both texts are rendered."""

    user: str
    assistant: str


@dataclass(frozen=True, slots=True)
class Variant:
    """Other words for the same template; None leaves a text as the template has it."""

    name: str
    system: str | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """A template as its file gives it; docs/prompts.md describes the format.

    Attributes:
        language: Such as "zh"; empty for a template that serves every language.
        system: Text of the system message, not yet rendered; empty for none.
        user: Text of the user's message, not yet rendered.
        sampling: Fields of `aigc_cli.core.request.Sampling` that differ from the defaults.
        max_tokens: Longest answer; None leaves it open.
        source: "user", "bundled", or the name of the plugin it comes from.
        takes_input: Whether it works on a text, rather than on variables alone.
        variants: Other words that are tried.
        variant: The name of the one that this is; empty for the template's own words.
    """

    name: str
    language: str
    description: str
    version: int
    system: str
    user: str
    path: Path
    source: str
    variables: tuple[Variable, ...] = ()
    examples: tuple[Example, ...] = ()
    sampling: Mapping[str, int | float] = field(default_factory=dict)
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    takes_input: bool = True
    variants: tuple[Variant, ...] = ()
    variant: str = ""

    @property
    def full_name(self) -> str:
        """Name and language, such as "summarize.zh"."""
        return f"{self.name}.{self.language}" if self.language else self.name

    @property
    def reference(self) -> str:
        """Name, language, version and variant, such as "summarize.zh@1#gist"; kept with every answer."""
        return f"{self.full_name}@{self.version}{'#' if self.variant else ''}{self.variant}"

    def in_words_of(self, variant: str) -> PromptTemplate:
        """Return the template with the texts of one of its variants.

        Raises:
            KeyError: if it has none of this name.
        """
        chosen = {one.name: one for one in self.variants}[variant]
        texts = {"system": chosen.system, "user": chosen.user}
        changed = {key: text for key, text in texts.items() if text is not None}
        return replace(self, variant=variant, **changed)  # type: ignore[arg-type]  # texts


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """A template file as a listing shows it. ``error`` says what is wrong with the file; empty if nothing is."""

    name: str
    language: str
    source: str
    path: Path
    description: str = ""
    version: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """A template with everything filled in; the fields are those of `PromptTemplate` and `Request`."""

    messages: tuple[Message, ...]
    sampling: Mapping[str, int | float]
    max_tokens: int | None
    stop: tuple[str, ...]
    reference: str

    def request(self, candidates: int = 1, grammar: str | None = None) -> Request:
        """Return the request for an answer, sampled as the template says."""
        sampling = Sampling(**self.sampling)  # type: ignore[arg-type]  # the template's reader checks the names
        return Request(self.messages, sampling, self.max_tokens, self.stop, candidates, grammar=grammar)
