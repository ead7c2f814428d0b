"""From what the user typed, piped, chose and configured to a question for a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace

from aigc_cli.config.settings import Settings
from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request, Sampling
from aigc_cli.core.template import RenderedPrompt
from aigc_cli.core.text import N_
from aigc_cli.services.chat import Question
from aigc_cli.services.fit import Overflow

OF_A_TURN = ("max_tokens", "min_p", "repeat_penalty", "seed", "temperature", "top_k", "top_p")
"""The settings that one answer can have of its own."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asks for; None and empty stand for what was not said.

    Attributes:
        text: The prompt with everything piped in and attached.
        variables: Values for the variables of the template.
        sampling: Fields of `Sampling` given as options.
        pick_from: How many answers to choose the best from, by the votes.
        learn: Let the answer learn from votes, unless the settings say otherwise.
        adapters: Names or files; see `aigc_cli.services.choice`. Empty is the one in use.
    """

    text: str
    system: str | None = None
    template: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    sampling: Mapping[str, int | float] = field(default_factory=dict)
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    candidates: int = 1
    schema: Mapping[str, object] | None = None
    adapters: tuple[str, ...] = ()
    overflow: Overflow | None = None
    pick_from: int = 1
    learn: bool = True


def compose(wish: Wish, settings: Settings, rendered: RenderedPrompt | None, follows: Turn | None) -> Question:
    """Return the question that ``wish`` comes to.

    What the user says now comes before what the template says, and that before the settings.

    Args:
        wish: What the user asks for.
        settings: The settings in force.
        rendered: The template that the user chose, filled in.
        follows: The turn to continue from.

    Raises:
        UsageProblem: if there is nothing to ask, or variables without a template.
    """
    if rendered is None and wish.variables:
        raise UsageProblem(detail=N_("variables (-p) belong to a template (-t)"))
    if rendered is None and not wish.text.strip():
        raise UsageProblem(detail=N_("there is nothing to ask: give a prompt, or pipe text in"))
    plain = RenderedPrompt((Message("user", wish.text),), {}, None, (), "")
    made = rendered or plain
    sampling = replace(_configured(settings), **{**made.sampling, **wish.sampling})  # type: ignore[arg-type]  # the fields are checked by name
    max_tokens = wish.max_tokens or made.max_tokens or settings.max_tokens or None
    stop = wish.stop or made.stop
    return Question(
        messages=_with_system(made.messages, wish.system, "" if follows else settings.system),
        request=Request(
            messages=(),
            sampling=sampling,
            max_tokens=max_tokens,
            stop=stop,
            candidates=wish.candidates,
            schema=wish.schema,
        ),
        follows=follows,
        overflow=wish.overflow or settings.overflow,
        template=made.reference,
        parameters=chosen_parameters(sampling, max_tokens, stop),
        limit_chosen=wish.max_tokens is not None,
    )


def _configured(settings: Settings) -> Sampling:
    shared = {f.name for f in fields(Sampling)} & {f.name for f in fields(Settings)}
    return Sampling(**{name: getattr(settings, name) for name in shared})


def _with_system(messages: tuple[Message, ...], wished: str | None, configured: str) -> tuple[Message, ...]:
    """Put the system prompt first: the one wished for, else the template's own, else the configured one."""
    own = messages[0].role == "system"
    system = wished if wished is not None else "" if own else configured
    if not system:
        return messages
    return (Message("system", system), *messages[own:])


def chosen_parameters(sampling: Sampling, max_tokens: int | None, stop: tuple[str, ...]) -> dict[str, object]:
    """Return what differs from the defaults; the seed is kept with each answer instead."""
    usual = asdict(Sampling())
    chosen = {name: value for name, value in asdict(sampling).items() if name != "seed" and value != usual[name]}
    if max_tokens:
        chosen["max_tokens"] = max_tokens
    if stop:
        chosen["stop"] = list(stop)
    return chosen
