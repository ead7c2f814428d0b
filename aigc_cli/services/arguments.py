"""What is typed after the name of a generator in the chat: a topic, and options anywhere in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.generator import Generator, Option, OptionValue
from aigc_cli.core.text import N_, Notice
from aigc_cli.services.attachments import read_text

_NO_HELP = {"en": ""}
SHARED = (
    Option("candidates", _NO_HELP, "int", minimum=1, maximum=64),
    Option("seed", _NO_HELP, "int", minimum=0, maximum=2**32 - 2),
    Option("max-tokens", _NO_HELP, "int", minimum=1),
    Option("temperature", _NO_HELP, "float", minimum=0),
    Option("lang", _NO_HELP, "choice", choices=("en", "zh")),
    Option("output", _NO_HELP),
    Option("resume", _NO_HELP, "bool"),
    Option("no-learn", _NO_HELP, "bool"),
)
"""The shared options that mean something in a chat."""

_WORD = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))')


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was typed; options that were not given are not there."""

    topic: str
    own: Mapping[str, OptionValue]
    shared: Mapping[str, OptionValue]


def parse(generator: Generator, text: str) -> Arguments:
    """Read ``--name value``, ``--name=value``, ``--flag`` and ``--no-flag``; the rest, as it is, is the topic.

    A value with spaces stands in double quotes; after ``--`` everything is topic. Files are read.

    Raises:
        UsageProblem: if there is no such option, or it cannot have this value.
        InputError: if a file cannot be read.
    """
    known = {option.name: option for option in (*generator.options, *SHARED)}
    given: dict[str, list[Any]] = {}
    topic: list[str] = []
    position = 0
    while match := _WORD.match(text, position):
        word = match["plain"] or ""
        if not word.startswith("--"):
            topic.append(text[position : match.end()])
            position = match.end()
            continue
        position = match.end()
        if word == "--":
            topic.append(text[position:])
            break
        name, equals, value = word[2:].partition("=")
        option, is_on = _named(name, known, generator)
        if option.type == "bool":
            given[option.name] = [is_on]
            continue
        if not equals:
            follows = _WORD.match(text, position)
            if follows is None:
                raise UsageProblem(detail=Notice(N_("--{name} needs a value"), {"name": name}))
            value, position = follows["plain"] or follows["quoted"] or "", follows.end()
        given.setdefault(option.name, []).append(_read(option, value.strip('"')))
    values = {name: tuple(read) if known[name].multiple else read[-1] for name, read in given.items()}
    shared = {option.name for option in SHARED}
    return Arguments(
        "".join(topic).strip(),
        {name: value for name, value in values.items() if name not in shared},
        {name.replace("-", "_"): value for name, value in values.items() if name in shared},
    )


def _named(name: str, known: Mapping[str, Option], generator: Generator) -> tuple[Option, bool]:
    if name in known:
        return known[name], True
    negated = known.get(name.removeprefix("no-"))
    if negated and negated.type == "bool":
        return negated, False
    text = N_("{generator} has no option --{name}; it has: {known}")
    listed = ", ".join(f"--{one}" for one in known)
    raise UsageProblem(detail=Notice(text, {"generator": generator.name, "name": name, "known": listed}))


def _read(option: Option, text: str) -> OptionValue:
    """Return a value as the type of the option has it."""
    try:
        match option.type:
            case "int":
                return _within(option, int(text))
            case "float":
                return _within(option, float(text))
            case "file":
                return read_text(Path(text).expanduser())
            case "choice" if text not in option.choices:
                raise ValueError
    except ValueError:
        wanted = ", ".join(option.choices) or _range(option)
        detail = Notice(
            N_("--{name} cannot be {value!r}: it is {wanted}"), {"name": option.name, "value": text, "wanted": wanted}
        )
        raise UsageProblem(detail=detail) from None
    return text


def _within(option: Option, number: float) -> float:
    low, high = option.minimum, option.maximum
    if (low is not None and number < low) or (high is not None and number > high) or number != number:
        raise ValueError
    return number


def _range(option: Option) -> str:
    low, high = ("" if end is None else f"{end:g}" for end in (option.minimum, option.maximum))
    return f"{option.type} {low}…{high}" if low or high else option.type
