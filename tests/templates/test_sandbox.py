"""The template language lets through what a prompt needs and nothing that costs time or memory."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_cli.templates.sandbox import TemplateProblem, names, render


def test_what_is_allowed() -> None:
    """Names, constants, conditions in both forms and the filters work."""
    source = "{{ a|trim|upper }} {% if n > 2 and a != 'x' %}big{% else %}small{% endif %} {{ 'in' if n in (3, 4) }}"
    assert render(source, {"a": " hi ", "n": 3}) == "HI big in"
    assert names(source) == {"a", "n"}


def test_lines_with_only_a_tag_leave_no_line() -> None:
    """A condition on lines of its own adds no blank lines to the prompt."""
    assert render("one\n  {% if n %}\ntwo\n  {% endif %}\nthree", {"n": 1}) == "one\ntwo\nthree"


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in x %}{% endfor %}",
        "{% set x = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{% include '/etc/passwd' %}",
        "{% extends 'x' %}",
        "{% filter upper %}x{% endfilter %}",
        "{% call x() %}{% endcall %}",
        "{{ range(10) }}",
        "{{ x() }}",
        "{{ x.__class__ }}",
        "{{ x['__class__'] }}",
        "{{ x[0] }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 1 + 1 }}",
        "{{ -x }}",
        "{{ x ~ x }}",
        "{{ [x, x] }}",
        "{{ {'a': x} }}",
        "{{ x|indent(1000000000) }}",
        "{{ x|attr('upper') }}",
        "{{ x|trim('x') }}",
        "{{ x is defined }}",
        "{{ x",
        "{% if x %}",
        "{{ " + "9" * 5000 + " }}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ " + "not " * 100 + "1 }}",
        "{{ x }}" * 600,
    ],
)
def test_what_is_refused(source: str) -> None:
    """Loops, calls, attributes, arithmetic, unknown filters and huge texts are refused before anything is rendered."""
    with pytest.raises(TemplateProblem):
        names(source)


def test_problems_name_the_line() -> None:
    """A mistake is found by its line."""
    with pytest.raises(TemplateProblem, match="line 3"):
        names("one\ntwo\n{{ x.y }}")


def test_unknown_names_and_bad_comparisons_are_problems() -> None:
    """What only shows while rendering is reported in the same way."""
    with pytest.raises(TemplateProblem, match="nothing"):
        render("{{ nothing }}", {})
    with pytest.raises(TemplateProblem, match="not supported"):
        render("{% if a > 3 %}x{% endif %}", {"a": "text"})


def test_a_text_cannot_be_multiplied() -> None:
    """A template that repeats a large input hundreds of times is stopped while it renders."""
    with pytest.raises(TemplateProblem, match="grows beyond"):
        render("{{ a }}" * 300, {"a": "x" * 100_000})
    assert len(render("{{ a }}{{ a }}", {"a": "x" * 1_000_000})) == 2_000_000


@given(st.text())
def test_values_are_never_templates(text: str) -> None:
    """Whatever a value holds, it comes out as it went in."""
    assert render("{{ a }}", {"a": text + "{{ a }}{% if %}"}) == text + "{{ a }}{% if %}"


@given(st.text(alphabet="{}%#ainot|().'\"<=> \n-~1", max_size=60))
def test_any_source_renders_or_is_a_problem(source: str) -> None:
    """No text, however odd, raises anything but a problem."""
    with suppress(TemplateProblem):
        render(source, {"a": "x"})
