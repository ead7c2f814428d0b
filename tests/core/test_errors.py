"""The tree of expected errors."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from aigc_cli.core import errors
from aigc_cli.core.errors import AigcError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AigcError)]
DOCS = Path(__file__).parents[2] / "docs" / "errors.md"


def fields_of(template: str) -> set[str]:
    """Return the names of the fields in a format string."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_documents_its_parameters(kind: type[AigcError]) -> None:
    """Every field of an error's sentence and hint is named in its docstring or in that of its parent."""
    documented = " ".join(parent.__doc__ or "" for parent in kind.__mro__ if issubclass(parent, AigcError))
    if kind is not AigcError:
        assert fields_of(kind.template + kind.hint) - {"detail"} <= set(re.findall(r"``(\w+)``", documented))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_is_in_the_tree_and_in_the_manual(kind: type[AigcError]) -> None:
    """The drawing atop the module shows every error, and docs/errors.md has its code with its exit code."""
    assert kind.__name__ in (errors.__doc__ or "")
    code = kind().code
    assert re.search(rf"\| `{code}` \|.*\| {kind.exit_code} \|", DOCS.read_text(encoding="utf-8")), code
