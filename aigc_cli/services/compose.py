"""From what the user typed, piped, chose and configured to a question for a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace

from aigc_cli.config.settings import Settings
from aigc_cli.core.conversation import Turn
from aigc_cli.core.errors import UsageProblem
from aigc_cli.core.message import Message
from aigc_cli.core.request import AdapterUse, Request, Sampling
from aigc_cli.core.text import N_
from aigc_cli.services.chat import Question
from aigc_cli.services.fit import Overflow
from aigc_cli.templates import Templates


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asks for; None and empty stand for what was not said.

    Attributes:
        text: The prompt with everything piped in and attached.
        variables: Values for the variables of the template.
        sampling: Fields of `Sampling` given as options.
        save: Keep the exchange.
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
    adapters: tuple[AdapterUse, ...] = ()
    overflow: Overflow | None = None


def compose(wish: Wish, settings: Settings, templates: Templates, language: str, follows: Turn | None) -> Question:
    """Return the question that ``wish`` comes to.

    What the user says now comes before what the template says, and that before the settings.

    Raises:
        UsageProblem: if there is nothing to ask, or variables without a template.
        TemplateError: if the template or its variables are wrong.
    """
    reference, limits, drawing = "", (settings.max_tokens or None, ()), {}
    if wish.template:
        rendered = templates.render(templates.get(wish.template, wish.text, language), wish.variables, wish.text)
        messages, reference = rendered.messages, rendered.reference
        limits = (rendered.max_tokens or limits[0], rendered.stop)
        drawing = dict(rendered.sampling)
    elif wish.variables:
        raise UsageProblem(detail=N_("variables (-p) belong to a template (-t)"))
    elif not wish.text.strip():
        raise UsageProblem(detail=N_("there is nothing to ask: give a prompt, or pipe text in"))
    else:
        messages = (Message("user", wish.text),)
    sampling = replace(_configured(settings), **{**drawing, **wish.sampling})  # type: ignore[arg-type]
    max_tokens, stop = wish.max_tokens or limits[0], wish.stop or limits[1]
    return Question(
        messages=_with_system(messages, wish.system, "" if follows else settings.system),
        request=Request(
            messages=(),
            sampling=sampling,
            max_tokens=max_tokens,
            stop=stop,
            candidates=wish.candidates,
            schema=wish.schema,
            adapters=wish.adapters,
        ),
        follows=follows,
        overflow=wish.overflow or settings.overflow,
        template=reference,
        parameters=_parameters(sampling, max_tokens, stop),
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


def _parameters(sampling: Sampling, max_tokens: int | None, stop: tuple[str, ...]) -> dict[str, object]:
    """Return what differs from the defaults; the seed is kept with each answer instead."""
    usual = asdict(Sampling())
    chosen = {name: value for name, value in asdict(sampling).items() if name != "seed" and value != usual[name]}
    if max_tokens:
        chosen["max_tokens"] = max_tokens
    if stop:
        chosen["stop"] = list(stop)
    return chosen
