"""The seam between what happens while a request is answered and what a person or a program sees of it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from aigc_cli.core.answer import Event


@runtime_checkable
class Renderer(Protocol):
    """**Protocol**: shows the events of one request, in the order in which they happen."""

    def handle(self, event: Event) -> None:
        """Show ``event``.

        Raises:
            BrokenPipeError: if nobody reads the output any more.
        """
        ...

    def close(self) -> None:
        """Write what was held back and leave the terminal tidy, also after an interruption. Twice does nothing."""
        ...
