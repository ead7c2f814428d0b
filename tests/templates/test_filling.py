"""Filling templates in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from aigc_cli.core.errors import (
    AigcError,
    BadTemplate,
    BadVariable,
    MissingInput,
    MissingVariable,
    UnknownVariable,
    UnusedInput,
)
from aigc_cli.core.message import Message
from aigc_cli.core.template import Example, PromptTemplate, Variable
from aigc_cli.templates.filling import fill


def template(user: str = "{{ input }}", system: str = "", **fields: object) -> PromptTemplate:
    """Return a template called x."""
    about = ("x", "en", "d", 1, system, user, Path("x.en.toml"), "user")
    return PromptTemplate(*about, takes_input="input" in user, **fields)  # type: ignore[arg-type]


def test_messages_in_order() -> None:
    """The system prompt comes first, then the examples, then the user's message; the rest is carried over."""
    rendered = fill(
        template("Do: {{ input }}", "Be brief.", examples=(Example("q", "a"),), stop=("#",), max_tokens=9), {}, "this"
    )
    assert rendered.messages == (
        Message("system", "Be brief."),
        Message("user", "q"),
        Message("assistant", "a"),
        Message("user", "Do: this"),
    )
    assert (rendered.reference, rendered.stop, rendered.max_tokens) == ("x.en@1", ("#",), 9)


def test_input_is_taken_literally() -> None:
    """Text that looks like a template, and its blanks and line ends, reach the model as they are."""
    text = "  {{ config }} {% for %}\n\n"
    assert fill(template(), {}, text).messages == (Message("user", text),)


def test_the_language_of_the_input_is_known() -> None:
    """A template can choose its words by the language of the text."""
    user = "{% if input_language == 'zh' %}English{% else %}Chinese{% endif %}: {{ input }}"
    assert fill(template(user), {}, "你好").messages[0].content == "English: 你好"
    assert fill(template(user), {}, "hello").messages[0].content == "Chinese: hello"


def test_an_example_that_comes_out_empty_is_left_out() -> None:
    """Examples can be bound to values of variables."""
    one = template(variables=(Variable("n", "int", 1),), examples=(Example("q", "{% if n == 1 %}a{% endif %}"),))
    assert len(fill(one, {}, "t").messages) == 3
    assert len(fill(one, {"n": "2"}, "t").messages) == 1


@pytest.mark.parametrize(
    ("variable", "given", "text"),
    [
        (Variable("v"), "自由 {{ v }}", "自由 {{ v }}"),
        (Variable("v", "int"), "12", "12"),
        (Variable("v", "float"), "0.50", "0.5"),
        (Variable("v", "bool"), "Yes", "True"),
        (Variable("v", "bool"), "off", "False"),
        (Variable("v", "choice", choices=("a", "b")), "b", "b"),
    ],
)
def test_values_are_read_by_type(variable: Variable, given: str, text: str) -> None:
    """What the user writes becomes a value of the variable's type."""
    assert fill(template("{{ v }}", variables=(variable,)), {"v": given}, "").messages[0].content == text


@pytest.mark.parametrize(
    ("variable", "given"),
    [
        (Variable("v", "int"), "many"),
        (Variable("v", "int"), "9" * 5000),
        (Variable("v", "float"), "nan"),
        (Variable("v", "float"), "1e999"),
        (Variable("v", "bool"), "maybe"),
        (Variable("v", "choice", choices=("a", "b")), "A"),
    ],
)
def test_values_that_do_not_fit_are_refused(variable: Variable, given: str) -> None:
    """A value of the wrong kind is an error that names the variable."""
    with pytest.raises(BadVariable, match="'v' cannot be"):
        fill(template("{{ v }}", variables=(variable,)), {"v": given}, "")


@pytest.mark.parametrize(
    ("user", "variables", "text", "error"),
    [
        ("{{ input }}", {"nope": "1"}, "t", UnknownVariable),
        ("{{ input }}{{ v }}", {}, "t", MissingVariable),
        ("{{ input }}{{ v }}", {"v": "1"}, " \n", MissingInput),
        ("{{ v }}", {"v": "1"}, "t", UnusedInput),
        ("{{ v }}", {"v": " "}, "", BadTemplate),
    ],
)
def test_what_does_not_go_together(user: str, variables: Mapping[str, str], text: str, error: type[AigcError]) -> None:
    """Unknown and missing variables, missing and unused text, and an empty prompt are errors with a remedy."""
    with pytest.raises(error) as caught:
        fill(template(user, variables=(Variable("v"),)), variables, text)
    assert caught.value.exit_code == 2
    assert caught.value.hint.format(**caught.value.params)
