"""The file format of prompt templates; docs/prompts.md describes it for users."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, cast, get_args

from aigc_cli.core.errors import BadTemplate
from aigc_cli.core.request import Sampling
from aigc_cli.core.template import BASE, Example, PromptTemplate, Value, Variable, VariableType, Variant
from aigc_cli.templates.language import split_name
from aigc_cli.templates.sandbox import TemplateProblem, names, render
from aigc_cli.templates.table import Table

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RESERVED = ("input", "input_language")
_LARGEST_FILE = 256 * 1024
_VARIANT_NAME = re.compile(r"[a-z][a-z0-9-]*")
_VARIABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TYPES: Mapping[VariableType, type[Value]] = {"str": str, "int": int, "float": float, "bool": bool, "choice": str}
# logit_bias is left out: its keys are tokens, which differ from model to model.
_SAMPLING = tuple(f.name for f in fields(Sampling) if f.name != "logit_bias")
_WHOLE_NUMBERS = ("top_k", "repeat_last_n", "seed")
_PROBABILITIES = ("top_p", "min_p", "xtc_probability", "xtc_threshold")
_MAY_BE_NEGATIVE = ("frequency_penalty", "presence_penalty", "repeat_last_n")


def load(path: Path, source: str) -> PromptTemplate:
    """Return the template in a file.

    Raises:
        BadTemplate: if anything is wrong with it.
    """
    template, problems = _read(path, source)
    if template is None:
        raise BadTemplate(path=path, detail="; ".join(problems))
    return template


def check(path: Path) -> list[str]:
    """Return everything that is wrong with a template file, each as an English sentence."""
    return _read(path, "")[1]


def _read(path: Path, source: str) -> tuple[PromptTemplate | None, list[str]]:
    stem = split_name(path.name.removesuffix(".toml"))
    if stem is None or path.suffix != ".toml":
        return None, ["its name is not NAME.toml or NAME.LANGUAGE.toml, of letters, digits, '-' and '_'"]
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        return None, [error.strerror or str(error)]
    if len(content) > _LARGEST_FILE:
        return None, [f"it is larger than {_LARGEST_FILE // 1024} KiB"]
    try:
        table = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        return None, ["it is not UTF-8 text"]
    except RecursionError:
        return None, ["its values are nested too deeply"]
    except ValueError as error:
        return None, [str(error)]
    return _template(table, *stem, path, source)


def _template(
    table: dict[str, Any], name: str, language: str, path: Path, source: str
) -> tuple[PromptTemplate | None, list[str]]:
    top = Table(table)
    variables, sampling = top.table("variables"), top.table("sampling")
    template = PromptTemplate(
        name=name,
        language=language,
        description=top.take("description", str, required=True) or "",
        version=top.take("version", int, check=_positive) or 1,
        system=(top.take("system", str) or "").strip(),
        user=(top.take("user", str) or "{{ input }}").strip(),
        path=path,
        source=source,
        variables=tuple(_variable(variables.table(key), key) for key in variables.data),
        examples=tuple(_example(item) for item in top.tables("examples")),
        max_tokens=sampling.take("max_tokens", int, check=_positive),
        stop=sampling.strings("stop"),
        sampling=_sampling(sampling),
        variants=tuple(_variant(item) for item in top.tables("variants")),
    )
    if len({variant.name for variant in template.variants}) < len(template.variants):
        top.complain("variants", "two have the same name")
    if not table.get("system") and not table.get("user"):
        top.problems.append("it has neither 'system' nor 'user'")
    top.refuse_rest()
    if problems := top.problems or _problems_in_texts(template):
        return None, problems
    used = names(template.system) | names(template.user)
    if problems := _problems_of_variants(template):
        return None, problems
    return replace(template, takes_input="input" in used), []


def _variable(table: Table, name: str) -> Variable:
    if not _VARIABLE_NAME.fullmatch(name) or name in RESERVED:
        table.complain("", "is not a name for a variable: a-z, 0-9 and _, and none of " + ", ".join(RESERVED))
    kind = cast("VariableType", table.take("type", str, check=_one_of(get_args(VariableType))) or "str")
    choices = table.strings("choices")
    if (kind == "choice") != bool(choices):
        table.complain("choices", "a variable of type 'choice' needs them, and no other has them")
    default = table.take("default", _TYPES[kind], check=_one_of(choices) if choices else None)
    help_text = table.take("help", str) or ""
    table.refuse_rest()
    return Variable(name, kind, default, help_text, choices)


def _example(table: Table) -> Example:
    user = table.take("user", str, required=True) or ""
    assistant = table.take("assistant", str, required=True) or ""
    table.refuse_rest()
    return Example(user.strip(), assistant.strip())


def _variant(table: Table) -> Variant:
    name = table.take("name", str, required=True, check=_variant_name) or ""
    system, user = table.take("system", str), table.take("user", str)
    if system is None and user is None:
        table.complain("", "it has neither 'system' nor 'user'")
    table.refuse_rest()
    return Variant(name, system if system is None else system.strip(), user if user is None else user.strip())


def _sampling(table: Table) -> dict[str, int | float]:
    found: dict[str, int | float] = {}
    for key in _SAMPLING:
        check = _probability if key in _PROBABILITIES else None if key in _MAY_BE_NEGATIVE else _not_negative
        value = table.take(key, int, check=check) if key in _WHOLE_NUMBERS else table.take(key, float, check=check)
        if value is not None:
            found[key] = value
    table.refuse_rest()
    return found


def _problems_in_texts(template: PromptTemplate) -> list[str]:
    """Say which texts are not in the template language, use unknown names or cannot be rendered."""
    known = {*RESERVED, *(variable.name for variable in template.variables)}
    trial: dict[str, Value] = {"input": "text", "input_language": "en"}
    for variable in template.variables:
        sample = variable.choices[0] if variable.choices else _TYPES[variable.type](1)
        trial[variable.name] = sample if variable.default is None else variable.default
    texts = {"system": (template.system, known), "user": (template.user, known)}
    for number, example in enumerate(template.examples, 1):
        for key, text in (("user", example.user), ("assistant", example.assistant)):
            texts[f"examples[{number}].{key}"] = (text, known - {"input"})
    found = (_problem_in(text, allowed, trial) for text, allowed in texts.values())
    return [f"{where}: {problem}" for where, problem in zip(texts, found, strict=True) if problem]


def _problems_of_variants(template: PromptTemplate) -> list[str]:
    """Say what is wrong with the texts of variants, each with its number; all must work on a text, or none."""
    found = []
    takes_input = "input" in names(template.system) | names(template.user)
    for number, variant in enumerate(template.variants, 1):
        words = template.in_words_of(variant.name)
        found += [f"variants[{number}].{problem}" for problem in _problems_in_texts(replace(words, examples=()))]
        if not found and ("input" in names(words.system) | names(words.user)) != takes_input:
            found.append(f"variants[{number}]: it must have {{{{ input }}}} as the template has it, or not at all")
    return found


def _problem_in(text: str, allowed: set[str], trial: Mapping[str, Value]) -> str:
    try:
        if unknown := sorted(names(text) - allowed):
            return f"nothing is called {', '.join(unknown)} here"
        render(text, trial)
    except TemplateProblem as problem:
        return str(problem)
    return ""


def _variant_name(name: str) -> str:
    good = _VARIANT_NAME.fullmatch(name) and name != BASE
    return "" if good else f"must be of a-z, 0-9 and '-', and not {BASE!r}"


def _positive(value: int) -> str:
    return "" if value > 0 else "must be at least 1"


def _not_negative(value: float) -> str:
    return "" if value >= 0 else "must not be negative"


def _probability(value: float) -> str:
    return "" if 0 <= value <= 1 else "must be between 0 and 1"


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    return lambda value: "" if value in choices else "must be one of " + ", ".join(choices)
