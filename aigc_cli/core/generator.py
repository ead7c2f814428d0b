"""Generators: what a plugin declares so that it can be run, shown, voted on and checked like any other.

A generator's work is a *flow*: a Python generator that does no input or output of its own. It yields steps, is sent
what each step came to, and returns an artifact. So it can be tested without a model, streamed, cancelled, and resumed
by replaying what it was sent: given the same brief and the same results it must yield the same steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Generator as Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from aigc_cli.core.events import FinishReason, TokenLogprob
from aigc_cli.core.request import Request
from aigc_cli.core.template import RenderedPrompt, Value

Texts: TypeAlias = Mapping[str, str]
"""The same text by language code, such as "en" and "zh"; "en" is always there."""

OptionType = Literal["str", "int", "float", "bool", "choice", "file"]
OptionValue: TypeAlias = Value | tuple[str, ...] | None
Plain: TypeAlias = Any
"""What JSON can hold: None, a truth value, a number, a text, or lists and string-keyed mappings of these."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something the user may tell a generator; it becomes a flag, and an argument of the slash command.

    Attributes:
        name: As in ``--name``; a-z, 0-9 and hyphens.
        help: What it does.
        type: What the value is read as. A "choice" is one of ``choices``. A "file" is read before the flow begins ("-"
            is standard input), and the flow is given its text.
        default: The value where the user says nothing; None for none.
        multiple: It may be given several times; the flow is given a tuple, empty for none.
        minimum: Least value of an "int" or "float".
        maximum: Greatest value of an "int" or "float".
    """

    name: str
    help: Texts
    type: OptionType = "str"
    default: Value | None = None
    choices: tuple[str, ...] = ()
    multiple: bool = False
    minimum: float | None = None
    maximum: float | None = None


SHARED_OPTIONS = frozenset(
    {
        "adapter",
        "candidates",
        "force",
        "help",
        "json",
        "lang",
        "max-tokens",
        "model",
        "no-learn",
        "no-save",
        "output",
        "quiet",
        "resume",
        "seed",
        "strict",
        "temperature",
    }
)
"""The options that every generator's command has, and that it cannot declare itself."""


def option_values(options: Sequence[Option], given: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    """Return a value for every option: the one ``given``, else its default, else an empty tuple or None."""
    return {option.name: given.get(option.name, () if option.multiple else option.default) for option in options}


@dataclass(frozen=True, slots=True)
class Brief:
    """What a flow is to make, and what it may know of where it runs.

    Attributes:
        topic: What the user wants, with everything piped in.
        options: A value for every option, by name.
        language: "en" or "zh": that of ``--lang``, or else of the topic.
        context: Tokens that a prompt and its answer may take together.
        candidates: How many drafts to choose the best from; None leaves that to the flow.
        count: Returns how many tokens a text takes, roughly.
        fill: Fills in one of the generator's prompt templates by name, in ``language``; the user's own file comes
            before the plugin's. Is given a text for each variable, and under "input" the text that the template works
            on, if it does. Raises `TemplateError`.
    """

    topic: str
    options: Mapping[str, OptionValue]
    language: str
    context: int
    candidates: int | None
    count: Callable[[str], int]
    fill: Callable[[str, Mapping[str, str]], RenderedPrompt]


@dataclass(frozen=True, slots=True)
class Complete:
    """Step: complete ``request``. Sent back: `Completions`, one for each candidate.

    Attributes:
        label: What this is for, such as "outline"; shown with the progress.
        shown: Stream the first candidate to a terminal while it grows.
        kept: Keep the completions as turns of the history, so that they can be voted on.
    """

    request: Request
    label: str = ""
    shown: bool = True
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer to a `Complete`.

    ``turn`` is its id in the history, or empty. ``logprobs`` is empty unless the request asked for them.
    """

    text: str
    finish_reason: FinishReason
    completion_tokens: int
    turn: str = ""
    logprobs: tuple[TokenLogprob, ...] = ()


Completions: TypeAlias = Sequence[Completion]


@dataclass(frozen=True, slots=True)
class Score:
    """Step: how likely is ``text``? Sent back: a `TokenLogprob` for every token of it but the first."""

    text: str


@dataclass(frozen=True, slots=True)
class Embed:
    """Step: what are ``texts`` about? Sent back: a vector of unit length for each."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Step: tell how far the work is. Sent back: None."""

    done: int
    total: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Confirm:
    """Step: ask the user a yes-or-no question. Sent back: True for yes.

    Where the user gave the ``allowed_by`` option, nobody is asked and the answer is True; where nobody can be asked, it
    is False.
    """

    question: str
    allowed_by: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """Step: let the user change ``text`` in an editor. Sent back: the text, unchanged where nobody can be asked."""

    text: str
    suffix: str = ".md"


@dataclass(frozen=True, slots=True)
class Call:
    """Step: work that is not the flow's to do, such as running a program. Sent back: what ``function`` returns.

    That must be plain data, as JSON has it: it is written down, and not computed again when the flow is resumed.
    """

    function: Callable[[], Plain]
    label: str = ""


Step: TypeAlias = Complete | Score | Embed | Report | Confirm | Edit | Call


@dataclass(frozen=True, slots=True)
class Check:
    """Whether an artifact is what it was to be.

    Attributes:
        problems: What is wrong, one sentence each, in the language of the brief.
        marked: The text with marks under what is wrong; empty if there is nothing to mark.
        facts: More that was found out, as plain data; becomes part of the JSON.
        notes: What else is to be known of it, also where nothing is wrong; one sentence each, as with the problems.
    """

    valid: bool
    problems: tuple[str, ...] = ()
    marked: str = ""
    facts: Mapping[str, Plain] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a flow made.

    Attributes:
        kind: Such as "poem".
        text: The whole of it, as it is printed and written to a file.
        format: How ``text`` is written; decides how a terminal shows it.
        turn: The draft it comes from, so that a vote on the artifact is a vote on that; empty if there is none.
    """

    kind: str
    title: str
    text: str
    check: Check
    format: Literal["plain", "markdown", "html", "code"] = "plain"
    turn: str = ""


Flow: TypeAlias = Coroutine[Step, Any, Artifact]


@dataclass(frozen=True, slots=True)
class Generator:
    """A generator as its plugin declares it, once.

    Attributes:
        name: The command; a-z, 0-9 and hyphens.
        summary: One line of help.
        topic: What to call what the user gives it, such as "TOPIC".
        version: Of the flow; a run that another version began is not resumed.
        flow: Begins the work.
        options: What it can be told.
        reasons: Why one may like or dislike what it makes, by a tag of a-z and hyphens.
        check: Checks a text that anyone wrote, given the options and the language; None if there is nothing to check.
    """

    name: str
    summary: Texts
    flow: Callable[[Brief], Flow]
    topic: Texts = field(default_factory=lambda: {"en": "TOPIC", "zh": "主题"})
    version: str = "1"
    options: tuple[Option, ...] = ()
    reasons: Mapping[str, Texts] = field(default_factory=dict)
    check: Callable[[str, Mapping[str, OptionValue], str], Check] | None = None
