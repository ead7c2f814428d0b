"""The template language: what is safe of Jinja's.

A template file may come from anybody, and Jinja's own sandbox guards the interpreter but neither time nor memory:
nested loops run for ever, ``"a" * 10**9`` fills the memory. So only expressions that cost no more than the texts
they are made of are let through: names, constants, comparisons, ``and``/``or``/``not``, ``if`` in both forms, and
a few filters. A prompt needs no more, for its variables are plain values. What is left to bound is how often a
text may be repeated, which `render` does while it writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta, nodes
from jinja2.exceptions import TemplateError as JinjaError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from aigc_cli.core.template import Value

FILTERS = ("length", "lower", "trim", "upper")
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.If,
    nodes.CondExpr,
)
_MOST_NODES = 500
_DEEPEST = 40
_REPEATS = 4
_ROOM = 1_000_000


class TemplateProblem(Exception):
    """What is wrong with the text of a template, as one English sentence."""


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset()


_environment = _Environment(
    undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
)
_environment.globals.clear()
_environment.filters = {name: _environment.filters[name] for name in FILTERS}
_environment.tests.clear()


def names(source: str) -> set[str]:
    """Return the variables that a template's text uses.

    Raises:
        TemplateProblem: if the text is not in the template language.
    """
    return meta.find_undeclared_variables(_parse(source))


def render(source: str, values: Mapping[str, Value]) -> str:
    """Return the text of a template with the values filled in; the values are never read as templates.

    Raises:
        TemplateProblem: if the text is not in the template language, a name has no value, values cannot be
            compared, or the result is many times longer than the values.
    """
    limit = _ROOM + _REPEATS * sum(len(value) for value in values.values() if isinstance(value, str))
    pieces: list[str] = []
    length = 0
    try:
        for piece in _compile(source).generate(values):
            length += len(piece)
            if length > limit:
                raise TemplateProblem(f"it grows beyond {limit} characters")
            pieces.append(piece)
    except (JinjaError, TypeError) as error:
        raise TemplateProblem(str(error)) from error
    return "".join(pieces)


@lru_cache(maxsize=64)
def _compile(source: str) -> Template:
    return _environment.from_string(_parse(source))


def _parse(source: str) -> nodes.Template:
    try:
        tree = _environment.parse(source)
    except TemplateSyntaxError as error:
        raise TemplateProblem(f"line {error.lineno}: {error.message}") from error
    except ValueError as error:  # a number of thousands of digits
        raise TemplateProblem(str(error)) from error
    except RecursionError as error:
        raise TemplateProblem("its expressions are nested too deeply") from error
    _check(tree)
    return tree


def _check(tree: nodes.Template) -> None:
    level: list[nodes.Node] = [tree]
    count = depth = 0
    while level:
        count, depth = count + len(level), depth + 1
        if count > _MOST_NODES or depth > _DEEPEST:
            raise TemplateProblem("its expressions are too many or nested too deeply")
        for node in level:
            _check_node(node)
        level = [child for node in level for child in node.iter_child_nodes()]


def _check_node(node: nodes.Node) -> None:
    if isinstance(node, nodes.Filter):
        if node.name not in FILTERS or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise TemplateProblem(f"line {node.lineno}: the filters are {', '.join(FILTERS)}, without arguments")
    elif isinstance(node, (nodes.Tuple, nodes.List)):
        if not all(isinstance(item, nodes.Const) for item in node.items):
            raise TemplateProblem(f"line {node.lineno}: a list can only hold constants")
    elif not isinstance(node, _ALLOWED):
        kind = type(node).__name__.lower()
        raise TemplateProblem(f"line {node.lineno}: {kind!r} is not part of the template language")
