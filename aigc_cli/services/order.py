"""What the user wants a generator to make, and how the user is asked meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aigc_cli.core.generator import Confirm, Edit, Generator, OptionValue
from aigc_cli.core.request import AdapterUse


@dataclass(frozen=True, slots=True)
class Order:
    """What the user wants made.

    Attributes:
        topic: With everything piped in.
        options: The generator's own, as far as they were given; files are read.
        language: "en" or "zh".
        candidates: Drafts to choose from; None leaves that to the flow.
        temperature: Instead of the flow's.
        seed: Of the first completion; those after it draw with others that follow from it.
        max_tokens: Longest completion, where the flow's limit is not lower.
        learn: Let what is written learn from votes, unless the settings say otherwise.
    """

    generator: Generator
    topic: str
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    language: str = "en"
    candidates: int | None = None
    temperature: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    adapters: tuple[AdapterUse, ...] = ()
    learn: bool = True

    def key(self, model: str) -> tuple[object, ...]:
        """Return what tells this run from others when it is to be resumed; the name of the generator comes first."""
        generator = self.generator
        return (generator.name, generator.version, self.topic, dict(self.options), self.language, model)


@dataclass(frozen=True, slots=True)
class Asking:
    """How the user is asked while a generator works.

    Attributes:
        confirm: Returns the answer to a question.
        edit: Returns a text as the user has changed it.
    """

    confirm: Callable[[Confirm], bool]
    edit: Callable[[Edit], str]


NOBODY = Asking(lambda step: False, lambda step: step.text)
"""Nobody is there to be asked."""
