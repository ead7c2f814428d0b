"""Filling a template in."""

from __future__ import annotations

import math
from collections.abc import Mapping

from aigc_cli.core.errors import BadTemplate, BadVariable, MissingInput, MissingVariable, UnknownVariable, UnusedInput
from aigc_cli.core.message import Message
from aigc_cli.core.template import PromptTemplate, RenderedPrompt, Value, Variable
from aigc_cli.templates.collection import Templates
from aigc_cli.templates.language import text_language
from aigc_cli.templates.sandbox import TemplateProblem, render

_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def fill(template: PromptTemplate, variables: Mapping[str, str], text: str) -> RenderedPrompt:
    """Return the messages of a template for ``text``, which is never itself read as a template.

    ``variables`` are as the user wrote them. An example that comes out empty is left out, which lets a template
    have examples for some values of its variables only.

    Raises:
        UnknownVariable, MissingVariable, BadVariable: if the variables do not fit.
        MissingInput: if the template works on a text and there is none.
        UnusedInput: if it does not and there is one.
        BadTemplate: if rendering fails.
    """
    values: dict[str, Value] = _values(template, variables)
    _check_input(template, text)
    values["input"] = text
    values["input_language"] = text_language(text) or ""
    try:
        system = render(template.system, values).strip()
        examples = [
            (render(example.user, values).strip(), render(example.assistant, values).strip())
            for example in template.examples
        ]
        user = render(template.user, values)
    except TemplateProblem as problem:
        raise BadTemplate(path=template.path, detail=problem) from problem
    if not user.strip():
        raise BadTemplate(path=template.path, detail="'user' comes out empty")
    messages = [Message("system", system)] if system else []
    for asked, answered in examples:
        if asked and answered:
            messages += [Message("user", asked), Message("assistant", answered)]
    messages.append(Message("user", user))
    return RenderedPrompt(tuple(messages), template.sampling, template.max_tokens, template.stop, template.reference)


def fill_by_name(templates: Templates, name: str, variables: Mapping[str, str], language: str) -> RenderedPrompt:
    """Fill in a template for a generator, which gives the text it works on as the variable "input".

    Raises:
        NoSuchTemplate: if there is none of this name.
        TemplateError: what `fill` raises.
    """
    own = {key: value for key, value in variables.items() if key != "input"}
    return fill(templates.get(name, interface=language), own, variables.get("input", ""))


def _check_input(template: PromptTemplate, text: str) -> None:
    if template.takes_input and not text.strip():
        raise MissingInput(template_name=template.full_name)
    if text.strip() and not template.takes_input:
        raise UnusedInput(template_name=template.full_name)


def _values(template: PromptTemplate, given: Mapping[str, str]) -> dict[str, Value]:
    known = {variable.name: variable for variable in template.variables}
    for name in given:
        if name not in known:
            listed = ", ".join(known) or "-"
            raise UnknownVariable(name=name, template_name=template.full_name, known=listed)
    values: dict[str, Value] = {}
    for name, variable in known.items():
        if name in given:
            values[name] = _parse(variable, given[name], template)
        elif variable.default is None:
            raise MissingVariable(name=name, template_name=template.full_name)
        else:
            values[name] = variable.default
    return values


def _parse(variable: Variable, text: str, template: PromptTemplate) -> Value:
    try:
        if variable.type == "bool":
            return _BOOLEANS[text.strip().lower()]
        if variable.type == "int":
            return int(text)
        if variable.type == "float":
            return _finite(text)
    except (KeyError, ValueError) as error:
        detail = {"bool": "true or false", "int": "a whole number", "float": "a number"}[variable.type]
        raise _bad(variable, text, template, f"it must be {detail}") from error
    if variable.type == "choice" and text not in variable.choices:
        raise _bad(variable, text, template, f"it must be one of {', '.join(variable.choices)}")
    return text


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(text)
    return number


def _bad(variable: Variable, text: str, template: PromptTemplate, detail: str) -> BadVariable:
    return BadVariable(name=variable.name, value=text, template_name=template.full_name, detail=detail)
