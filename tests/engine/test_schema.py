"""JSON Schemas enforced while decoding."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aigc_cli.core.errors import BadGrammar
from aigc_cli.core.request import Sampling
from aigc_cli.engine.llama.engine import LlamaEngine
from aigc_cli.engine.llama.schema import schema_grammar

Ask = Callable[..., Any]
FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER
NAMES = st.sampled_from(["a", "b c", "名", 'q"q', "back\\slash", "line\nbreak", "x" * 9])
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-99, 99), NAMES, st.lists(st.integers(0, 9), max_size=2))


def _bounded(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    bounds = st.tuples(st.integers(-300, 300), st.integers(1, 400), st.booleans(), st.booleans())
    return bounds.map(
        lambda b: {
            "type": kind,
            "exclusiveMinimum" if b[2] else "minimum": b[0],
            "exclusiveMaximum" if b[3] else "maximum": b[0] + b[1] + 2,
        }
    )


LEAVES = st.one_of(
    st.sampled_from(["null", "boolean", "integer", "number"]).map(lambda kind: {"type": kind}),
    _bounded("integer"),
    _bounded("number"),
    st.tuples(st.integers(0, 3), st.integers(0, 4)).map(
        lambda b: {"type": "string", "minLength": b[0], "maxLength": b[0] + b[1]}
    ),
    st.sampled_from(["date", "time", "date-time", "uuid"]).map(lambda name: {"type": "string", "format": name}),
    st.lists(VALUES, min_size=1, max_size=3).map(lambda values: {"enum": values}),
    VALUES.map(lambda value: {"const": value, "title": "a title"}),
    st.just({"type": ["integer", "null"], "description": "both"}),
)


def _compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(NAMES, inner, max_size=3)
    return st.one_of(
        st.tuples(properties, st.integers(0, 7), st.booleans()).map(
            lambda p: {
                "type": "object",
                "properties": p[0],
                "required": [name for i, name in enumerate(p[0]) if p[1] >> i & 1],
                "additionalProperties": p[2],
            }
        ),
        st.tuples(inner, st.integers(0, 2), st.integers(0, 2)).map(
            lambda p: {"type": "array", "items": p[0], "minItems": p[1], "maxItems": p[1] + p[2]}
        ),
        st.lists(inner, min_size=1, max_size=2).map(
            lambda parts: {"type": "array", "prefixItems": parts, "items": False, "minItems": len(parts)}
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts}),
        inner.map(lambda part: {"$defs": {"x": part}, "type": "array", "items": part, "maxItems": 2}),
    )


SCHEMAS = st.recursive(LEAVES, _compound, max_leaves=5)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(schema=SCHEMAS, seed=st.integers(0, 1000))
def test_every_finished_answer_satisfies_its_schema(engine: LlamaEngine, ask: Ask, schema: Any, seed: int) -> None:
    """A hot model under a random schema writes nothing but JSON that satisfies it."""
    sampling = Sampling(temperature=1.5, top_k=0, top_p=1, min_p=0, seed=seed)
    heard = ask(engine, "JSON!", sampling=sampling, schema=schema, max_tokens=48)
    assume(heard.end.reason == "stop")
    jsonschema.validate(json.loads(heard.text), schema, format_checker=FORMATS)


def test_a_recursive_schema_is_followed(engine: LlamaEngine, ask: Ask) -> None:
    """References inside the schema may lead back to it."""
    schema = {
        "$ref": "#/$defs/node",
        "$defs": {"node": {"type": "object", "properties": {"v": {"type": "integer"}, "next": {"$ref": "#/$defs/node"}},
                           "required": ["v"]}},
    }  # fmt: skip
    heard = ask(engine, "A list.", sampling=Sampling(seed=4), schema=schema, max_tokens=120)
    assert heard.end.reason == "stop"
    jsonschema.validate(json.loads(heard.text), schema)


def test_optional_properties_can_be_left_out_in_any_combination() -> None:
    """The grammar of an object with optional properties around a required one has every combination of them."""
    schema = {"properties": {name: {"const": 1} for name in "abc"}, "required": ["b"]}
    sentences = _sentences(schema_grammar(schema))
    assert sentences == {'{"b":1}', '{"a":1,"b":1}', '{"b":1,"c":1}', '{"a":1,"b":1,"c":1}'}


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"type": "string", "pattern": "^a$"}, "#: 'pattern'"),
        ({"properties": {"a": {"items": {"uniqueItems": True}}}}, "#/properties/a/items: 'uniqueItems'"),
        ({"type": "object", "patternProperties": {}}, "'patternProperties'"),
        ({"type": "number", "multipleOf": 3}, "'multipleOf'"),
        ({"if": {}, "then": {}}, "'if'"),
        ({"not": {}}, "'not'"),
        ({"foo": 1}, "'foo'"),
        ({"type": "string", "format": "regex"}, "'regex'"),
        ({"$ref": "https://example.com/s.json"}, "leads out of the schema"),
        ({"$ref": "#/$defs/none"}, "leads nowhere"),
        ({"type": "thing"}, "'thing' is not a type"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "'oneOf'"),
        ({"allOf": [{"type": "object"}, {"minProperties": 1}]}, "'allOf'"),
        ({"anyOf": [{}], "minimum": 3}, "'minimum' beside 'anyOf'"),
        ({"type": "array", "minItems": 3, "maxItems": 2}, "nothing can satisfy"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, "no number"),
        ({"type": "number", "minimum": 0.1, "maximum": 0.9}, "no number"),
        ({"type": "object", "required": ["a"], "additionalProperties": False}, "nothing can satisfy"),
        ({"enum": [1], "type": "string"}, "nothing can satisfy"),
        ({"properties": {"a": 3}}, "#/properties/a: it is not a schema"),
    ],
)
def test_what_cannot_be_enforced_is_named(schema: dict[str, Any], named: str) -> None:
    """A keyword that is not supported, or a schema that nothing satisfies, is an error that says where."""
    with pytest.raises(BadGrammar) as caught:
        schema_grammar(schema)
    assert named in str(caught.value)


def test_a_schema_cannot_exhaust_the_stack() -> None:
    """A schema nested too deeply or written too widely is refused."""
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"type": "array", "items": deep}
    wide = {"anyOf": [{"type": "array", "items": {"maxLength": i}} for i in range(9000)]}
    for schema in (deep, wide):
        with pytest.raises(BadGrammar, match="too large"):
            schema_grammar(schema)


def test_a_grammar_is_followed(engine: LlamaEngine, ask: Ask) -> None:
    """An answer under a GBNF grammar is a sentence of it, in Chinese too."""
    heard = ask(engine, "Yes or no?", sampling=Sampling(temperature=2, seed=1), grammar='root ::= ("是" | "否") "。"')
    assert heard.text in {"是。", "否。"}
    assert heard.end.reason == "stop"


@pytest.mark.parametrize("grammar", ["root ::= (", 'other ::= "a"', "root ::= root", "root ::= " + "(" * 9999, "\0"])
def test_a_broken_grammar_is_an_error(engine: LlamaEngine, ask: Ask, grammar: str) -> None:
    """What is no grammar is refused before anything is answered, and the engine goes on."""
    with pytest.raises(BadGrammar):
        ask(engine, "Hi", grammar=grammar, max_tokens=2)
    assert ask(engine, "Hi", max_tokens=2).end.usage.completion_tokens == 2


def test_a_grammar_and_a_schema_exclude_each_other(engine: LlamaEngine, ask: Ask) -> None:
    """Asking for both is an error."""
    with pytest.raises(BadGrammar, match="exclude"):
        ask(engine, "Hi", grammar='root ::= "a"', schema={})


def _sentences(grammar: str) -> set[str]:
    """Return the sentences of a grammar of literals, groups and options, white space left out."""
    rules = dict(line.split(" ::= ", 1) for line in grammar.splitlines())
    rules["ws"] = ""

    def expand(expression: str) -> set[str]:
        alternatives: list[set[str]] = [{""}]
        at = 0
        while at < len(expression):
            part, at = _part(expression, at)
            if part == "|":
                alternatives.append({""})
                continue
            texts = (
                {part[1:-1].replace('\\"', '"')}
                if part[0] == '"'
                else expand(part[1:-1] if part[0] == "(" else rules[part])
            )
            if expression[at : at + 1] == "?":
                texts, at = texts | {""}, at + 1
            alternatives[-1] = {before + text for before in alternatives[-1] for text in texts}
            at += expression[at : at + 1] == " "
        return set().union(*alternatives)

    return expand(rules["root"])


def _part(expression: str, at: int) -> tuple[str, int]:
    start = at
    if expression[at] == '"':
        at += 1
        while expression[at] != '"':
            at += 2 if expression[at] == "\\" else 1
        return expression[start : at + 1], at + 1
    if expression[at] == "(":
        depth = 0
        while True:
            if expression[at] == '"':
                at = _part(expression, at)[1]
                continue
            depth += (expression[at] == "(") - (expression[at] == ")")
            at += 1
            if not depth:
                return expression[start:at], at
    while at < len(expression) and expression[at] not in " ?)":
        at += 1
    return expression[start:at], at + (expression[at : at + 1] == " ")
