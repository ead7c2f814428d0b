"""Whether what a hook returns is what it should return."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from aigc_cli.core.engine import EngineProvider
from aigc_cli.core.generator import SHARED_OPTIONS, Generator, Option, OptionType
from aigc_cli.plugin.discovery import NAME

_TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "choice": str,
}


class Misbehaviour(Exception):
    """What a plugin did that it should not have, as an English sentence.

    Attributes:
        remedy: A command that helps, if it is not the usual one.
    """

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence)
        self.remedy = remedy


def check_folder(item: object) -> Path:
    """Return a folder of templates."""
    if not isinstance(item, Path) or not item.is_dir():
        raise Misbehaviour(f"aigc_templates offers {item!r}, which is not the Path of a folder")
    return item


def check_engine(item: object) -> EngineProvider:
    """Return what opens an engine."""
    if not isinstance(item, EngineProvider) or not _is_name(item.name) or not callable(item.open):
        raise Misbehaviour(f"aigc_engines offers {item!r}, which is not an EngineProvider with a name of a-z, 0-9, -")
    return item


def check_generator(item: object) -> Generator:
    """Return a generator whose command can be made."""
    if not isinstance(item, Generator) or not _is_name(item.name) or not callable(item.flow):
        raise Misbehaviour(f"aigc_generators offers {item!r}, which is not a Generator with a name of a-z, 0-9, -")
    texts = {"summary": item.summary, "topic": item.topic}
    texts |= {f"the reason {tag}": text for tag, text in item.reasons.items()}
    texts |= {f"the option {option.name}": option.help for option in item.options}
    for what, text in texts.items():
        if not isinstance(text, Mapping) or not text.get("en"):
            raise Misbehaviour(f"the generator {item.name!r} has no English text for {what}")
    flags = [flag for option in item.options for flag in _flags(option)]
    for option in item.options:
        if fault := _fault(option):
            raise Misbehaviour(f"the option {option.name!r} of the generator {item.name!r} {fault}")
    if taken := sorted({flag for flag in flags if flags.count(flag) > 1 or flag in SHARED_OPTIONS}):
        raise Misbehaviour(f"the generator {item.name!r} has options whose names are taken: {', '.join(taken)}")
    return item


def _flags(option: Option) -> list[str]:
    return [option.name, f"no-{option.name}"] if option.type == "bool" else [option.name]


def _fault(option: Option) -> str:
    if not _is_name(option.name):
        return "has a name that is not made of a-z, 0-9 and -"
    if option.type not in get_args(OptionType):
        return f"is of the type {option.type!r}, which there is not"
    if option.type == "choice" and not option.choices:
        return "has no choices"
    if option.type == "choice" and option.default not in (None, *option.choices):
        return f"has the default {option.default!r}, which is not among its choices"
    if option.type == "file" and option.default is not None:
        return "is a file and has a default"
    if option.default is not None and not isinstance(option.default, _TYPES[option.type]):
        return f"has the default {option.default!r}, which is no {option.type}"
    if option.multiple and (option.type == "bool" or option.default is not None):
        return "can be given several times, and so can be neither a truth value nor have a default"
    return ""


def _is_name(name: object) -> bool:
    return isinstance(name, str) and NAME.fullmatch(name) is not None
