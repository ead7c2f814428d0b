"""Text that a person will read, marked for translation but not yet translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def N_(text: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark ``text`` for the translation catalogs and return it as it is.

    The layers below the command line and the REPL never translate: they name the English text with its
    parameters, and the surface that shows it looks the translation up.
    """
    return text


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the user about what is going on, such as "pulling the starter model".

    Attributes:
        template: English text marked with `N_`, with ``str.format`` fields.
        params: The values of those fields.
    """

    template: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.params)
