"""JSON Schema to GBNF, the grammars of llama.cpp.

Whatever a grammar made here lets through satisfies its schema; it may let through less, such as objects without
properties that the schema does not name. A keyword that cannot be kept is an error that names it, never ignored.
llama-cpp-python's own converter ignores most keywords, and its grammars allow line breaks inside strings.

JSON Schema: https://json-schema.org/draft/2020-12. GBNF: llama.cpp, grammars/README.md.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aigc_cli.core.errors import BadGrammar
from aigc_cli.core.text import N_
from aigc_cli.engine.llama.ranges import decimal, integer

_ANNOTATIONS = frozenset(
    {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"}
    | {"$schema", "$id", "$comment", "$defs", "definitions"}
)
_KEYWORDS = {
    "object": {"properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties",
               "maxProperties", "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties"},
    "array": {"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains",
              "additionalItems", "unevaluatedItems"},
    "string": {"minLength", "maxLength", "format", "pattern", "contentEncoding", "contentMediaType", "contentSchema"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}  # fmt: skip
_KEYWORDS["integer"] = _KEYWORDS["number"]
_SUPPORTED = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "prefixItems", "minItems", "maxItems"},
    "string": {"minLength", "maxLength", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "boolean": set(),
    "null": set(),
}
_TYPED = frozenset().union(*_KEYWORDS.values())
_ESCAPED = r'["\\/bfnrt] | "u" ([0-9a-cA-CefEF] [0-9a-fA-F]{3} | [dD] [0-7] [0-9a-fA-F]{2})'
_CHARACTER = rf'[^"\\\x00-\x1F\x7F] | "\\" ({_ESCAPED})'
_DAYS = (
    '("0" [13578] | "1" [02]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])',
    '("0" [469] | "11") "-" ("0" [1-9] | [12] [0-9] | "30")',
    '"02-" ("0" [1-9] | "1" [0-9] | "2" [0-8])',
)
_DATE = f'[12] [0-9]{{3}} "-" ({" | ".join(_DAYS)})'
_HOUR = '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9]'
_TIME = f'{_HOUR} ":" [0-5] [0-9] ("." [0-9]{{1,6}})? ("Z" | [+-] {_HOUR})'
_FORMATS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": f'{_DATE} "T" {_TIME}',
    "uuid": '[0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12}',
}
_BASE = {
    "ws": '" "?',
    "char": _CHARACTER,
    "string": r'"\"" char* "\""',
    "number": '"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})? ([eE] [-+]? [0-9] [0-9]?)?',
    "integer": '"-"? ("0" | [1-9] [0-9]{0,14})',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "value": "object | array | string | number | boolean | null",
    "object": '"{" ws (string ws ":" ws value (ws "," ws string ws ":" ws value)*)? ws "}"',
    "array": '"[" ws (value (ws "," ws value)*)? ws "]"',
}
_MOST_ITEMS = 256
_MOST_CHARACTERS = 1024
_DEEPEST = 48
_MOST_RULES = 4096
_LARGEST_GRAMMAR = 1 << 18


def schema_grammar(schema: Mapping[str, object]) -> str:
    """Return a GBNF grammar for the JSON documents that satisfy ``schema``, or some of them.

    Raises:
        BadGrammar: naming what in the schema is wrong, or cannot be enforced, and where.
    """
    return _Converter(schema).grammar()


def checked_grammar(grammar: str) -> str:
    """Return ``grammar`` if llama.cpp can be given it without harm.

    Raises:
        BadGrammar: if it is so large or so deeply nested that llama.cpp's parser could exhaust its stack.
    """
    depth = deepest = 0
    for character in grammar:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if len(grammar) > _LARGEST_GRAMMAR or deepest > _DEEPEST or "\0" in grammar:
        raise BadGrammar(detail=N_("it is too large or too deeply nested"))
    return grammar


class _Converter:
    def __init__(self, schema: Mapping[str, object]) -> None:
        self._schema = schema
        self._rules = dict(_BASE)
        self._references: dict[str, str] = {}
        self._numbers = itertools.count()
        self._depth = 0

    def grammar(self) -> str:
        root = self._visit(self._schema, "#")
        self._rules["root"] = root
        return "\n".join(f"{name} ::= {rule}" for name, rule in self._rules.items())

    def _visit(self, schema: object, at: str) -> str:
        """Return an expression for one schema; it can stand wherever a rule's name can."""
        if schema is True or schema == {}:
            return "value"
        if not isinstance(schema, Mapping):
            raise _problem(at, N_("nothing can satisfy it") if schema is False else N_("it is not a schema"))
        if self._depth > _DEEPEST or len(self._rules) > _MOST_RULES:
            raise _problem(at, N_("the schema is too large"))
        self._depth += 1
        try:
            return self._combined(schema, at) or self._typed(schema, at)
        finally:
            self._depth -= 1

    def _combined(self, schema: Mapping[str, Any], at: str) -> str:
        """Return an expression for a schema that is made of others or of values; empty if it is not."""
        if "$ref" in schema:
            self._only(schema, {"$ref"}, at)
            return self._reference(schema["$ref"], at)
        for keyword in ("anyOf", "oneOf", "allOf"):
            if keyword in schema:
                self._only(schema, {keyword}, at)
                parts = schema[keyword]
                if not isinstance(parts, Sequence) or not parts:
                    raise _problem(at, f"{keyword!r} is not a list of schemas")
                if keyword == "allOf" and len(parts) > 1:
                    raise _problem(at, f"{keyword!r} of several schemas is not supported")
                if keyword == "oneOf":
                    self._check_disjoint(parts, at)
                return self._alternatives([self._visit(part, f"{at}/{keyword}/{i}") for i, part in enumerate(parts)])
        if "const" in schema or "enum" in schema:
            keyword = "const" if "const" in schema else "enum"
            self._only(schema, {keyword, "type"}, at)
            values = [schema["const"]] if keyword == "const" else schema["enum"]
            kinds = _types(schema, at) if "type" in schema else list(_SUPPORTED)
            fitting = [value for value in values if any(_is(value, kind) for kind in kinds)]
            if not fitting:
                raise _problem(at, N_("nothing can satisfy it"))
            return self._alternatives([literal(json.dumps(value, ensure_ascii=False)) for value in fitting])
        return ""

    def _typed(self, schema: Mapping[str, Any], at: str) -> str:
        if "type" in schema:
            types = _types(schema, at)
        else:
            types = [kind for kind, keywords in _KEYWORDS.items() if keywords & schema.keys()][:1]
        unknown = schema.keys() - _ANNOTATIONS - _TYPED - {"type"}
        if unknown:
            raise _problem(at, f"{min(unknown)!r} is not supported")
        if not types:
            return "value"
        for kind in types:
            refused = (schema.keys() & _KEYWORDS.get(kind, set())) - _SUPPORTED[kind]
            if refused:
                raise _problem(at, f"{min(refused)!r} is not supported")
        build: dict[str, Callable[[Mapping[str, Any], str], str]] = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "number": lambda part, _: decimal(part) or "number",
            "integer": lambda part, _: integer(part) or "integer",
        }
        try:
            return self._alternatives([build[kind](schema, at) if kind in build else kind for kind in types])
        except ValueError as error:
            raise _problem(at, str(error)) from None

    def _object(self, schema: Mapping[str, Any], at: str) -> str:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        more = schema.get("additionalProperties", True)
        if not isinstance(properties, Mapping) or not isinstance(required, Sequence):
            raise _problem(at, N_("'properties' or 'required' has the wrong type"))
        properties = {**properties, **{name: more for name in required if name not in properties}}
        if not properties and more is False:
            return self._rule('"{" ws "}"')
        if not properties:
            pair = f'string ws ":" ws {self._visit(more, f"{at}/additionalProperties")}'
            return self._rule(f'"{{" ws ({pair} (ws "," ws {pair})*)? ws "}}"')
        rest = first = ""  # what may follow after some property, and before any
        for name, part in reversed(properties.items()):
            if not isinstance(name, str):
                raise _problem(at, N_("a property's name is not text"))
            value = self._visit(part, f"{at}/properties/{name}")
            pair = self._rule(f'{literal(json.dumps(name, ensure_ascii=False))} ws ":" ws {value}')
            if name in required:
                first = self._rule(f"{pair} {rest}")
                rest = self._rule(f'ws "," ws {pair} {rest}')
            else:
                first = self._rule(f"{pair} {rest} | {first}" if first else f"({pair} {rest})?")
                rest = self._rule(f'(ws "," ws {pair})? {rest}')
        return self._rule(f'"{{" ws {first} ws "}}"')

    def _array(self, schema: Mapping[str, Any], at: str) -> str:
        least, most = _bounds(schema, "minItems", "maxItems", _MOST_ITEMS, at)
        heads = schema.get("prefixItems", [])[:most]
        parts = [self._visit(part, f"{at}/prefixItems/{i}") for i, part in enumerate(heads)]
        least, most = max(0, least - len(parts)), most - len(parts)
        items = schema.get("items", True)
        separator = ' ws "," ws '
        if items is False or not most or (heads and not least):
            if least:
                raise _problem(at, N_("nothing can satisfy it"))
            return self._rule(f'"[" ws {separator.join(parts)} ws "]"')
        item = self._rule(self._visit(items, f"{at}/items"))
        top = "" if "maxItems" not in schema else most - 1
        repeated = f'{item} (ws "," ws {item}){{{max(0, least - 1)},{top}}}'
        if parts:
            return self._rule(f'"[" ws {separator.join(parts)}{separator}{repeated} ws "]"')
        return self._rule(f'"[" ws {repeated} ws "]"' if least else f'"[" ws ({repeated})? ws "]"')

    def _string(self, schema: Mapping[str, Any], at: str) -> str:
        if "format" in schema:
            self._only(schema, {"format", "type"} | (_TYPED - _KEYWORDS["string"]), at)
            if schema["format"] not in _FORMATS:
                raise _problem(at, f"the format {schema['format']!r} is not supported")
            return self._rule(f'"\\"" {_FORMATS[schema["format"]]} "\\""')
        least, most = _bounds(schema, "minLength", "maxLength", _MOST_CHARACTERS, at)
        if not {"minLength", "maxLength"} & schema.keys():
            return "string"
        return self._rule(f'"\\"" char{{{least},{most if "maxLength" in schema else ""}}} "\\""')

    def _reference(self, pointer: object, at: str) -> str:
        if not isinstance(pointer, str) or not (pointer == "#" or pointer.startswith("#/")):
            raise _problem(at, f"the reference {pointer!r} is not supported: it leads out of the schema")
        if pointer not in self._references:
            target: Any = self._schema
            for step in pointer.split("/")[1:]:
                step = step.replace("~1", "/").replace("~0", "~")
                if isinstance(target, Sequence) and not isinstance(target, str) and step.isdecimal():
                    target = dict(enumerate(target)).get(int(step))
                else:
                    target = target.get(step) if isinstance(target, Mapping) else None
            if target is None:
                raise _problem(at, f"the reference {pointer!r} leads nowhere")
            self._references[pointer] = name = self._name()
            self._rules[name] = ""
            self._rules[name] = self._visit(target, pointer)
        return self._references[pointer]

    def _check_disjoint(self, parts: Sequence[object], at: str) -> None:
        """Make sure that a document cannot satisfy two alternatives of a ``oneOf``."""
        seen: set[str] = set()
        for part in parts:
            kinds = set(_types(part, at)) if isinstance(part, Mapping) and "type" in part else set(_SUPPORTED)
            kinds = {"number" if kind == "integer" else kind for kind in kinds}
            if kinds & seen:
                raise _problem(at, N_("'oneOf' is supported only between different types; use 'anyOf'"))
            seen |= kinds

    def _alternatives(self, expressions: Sequence[str]) -> str:
        return expressions[0] if len(expressions) == 1 else self._rule(" | ".join(expressions))

    def _only(self, schema: Mapping[str, Any], keywords: set[str] | frozenset[str], at: str) -> None:
        extra = schema.keys() - keywords - _ANNOTATIONS
        if extra:
            raise _problem(at, f"{min(extra)!r} beside {min(keywords & schema.keys())!r} is not supported")

    def _rule(self, expression: str) -> str:
        name = self._name()
        self._rules[name] = expression
        return name

    def _name(self) -> str:
        return f"r{next(self._numbers)}"


def literal(text: str) -> str:
    """Return a GBNF literal for ``text``."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def _types(schema: Mapping[str, Any], at: str) -> list[str]:
    given = schema["type"]
    types = [given] if isinstance(given, str) else list(given) if isinstance(given, Sequence) else []
    if not types or any(kind not in _SUPPORTED for kind in types):
        raise _problem(at, f"{given!r} is not a type")
    return types


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool) or value is None:
        return kind == ("null" if value is None else "boolean")
    if isinstance(value, (int, float)):
        return kind == "number" or (kind == "integer" and value == int(value))
    return kind == ("string" if isinstance(value, str) else "object" if isinstance(value, Mapping) else "array")


def _bounds(schema: Mapping[str, Any], low: str, high: str, cap: int, at: str) -> tuple[int, int]:
    least, most = schema.get(low, 0), schema.get(high, cap)
    for keyword, value in ((low, least), (high, most)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise _problem(at, f"{keyword!r} is not a number of things")
    most = min(most, max(cap, least))
    if least > cap:
        raise _problem(at, f"{low!r} above {cap} is not supported")
    if least > most:
        raise _problem(at, N_("nothing can satisfy it"))
    return least, most


def _problem(at: str, detail: str) -> BadGrammar:
    return BadGrammar(detail=f"{at}: {detail}")
