"""What happens while a generator works, besides what happens in an engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from aigc_cli.core.answer import Answer
from aigc_cli.core.events import EngineEvent, TurnSaved
from aigc_cli.core.generator import Artifact, Confirm, Edit, Report
from aigc_cli.core.text import Notice


@dataclass(frozen=True, slots=True)
class Drafting:
    """A completion begins; the next engine events are its own. The fields are those of `Complete`."""

    label: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Made:
    """The last event of a generator that came to its end.

    Attributes:
        generator: Its name.
        answer: How the artifact came to be; the counts are those of all completions together, and ``candidates`` are
            the drafts of which the artifact is one.
        path: The file it was written to, if it was.
    """

    generator: str
    artifact: Artifact
    answer: Answer
    path: Path | None = None


MakingEvent: TypeAlias = EngineEvent | TurnSaved | Notice | Drafting | Report | Confirm | Edit | Made
"""`Confirm` and `Edit` are sent before the user is asked."""
