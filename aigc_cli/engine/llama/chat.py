"""Messages to prompt text, by the Jinja chat template inside the model file.

A template comes from a stranger: it runs in Jinja's sandbox, against the clock, and may not write without measure.

So does the text of messages. A message that contains ``<|im_end|>`` must not end itself: every name of a control
token inside a message is parted by a mark, and the prompt is tokenized in pieces between the marks. A prompt without
such a name is one piece, so it gets exactly the tokens that tokenizing the whole string gives.
"""

from __future__ import annotations

import datetime
import functools
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from types import FrameType
from typing import Any, NoReturn

import jinja2
import jinja2.ext
import jinja2.nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from aigc_cli.core.errors import BadChatTemplate
from aigc_cli.core.message import Message
from aigc_cli.core.text import N_
from aigc_cli.engine.llama.model import Model

_SECONDS = 2.0
_OWN_CHARACTERS = 1 << 20
_REPEATS = 1 << 16
_WIDENING = ("batch", "center", "indent", "slice")  # filters that make a text longer by a number
_MARKS = [chr(code) for code in range(0xFDD0, 0xFDF0)]  # noncharacters: no text that is exchanged contains them
_CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**", "%"})

    def call(self, context: Any, function: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        """Call a function or method, unless it is given a number with which it could fill the memory."""
        _check_numbers((*arguments, *named.values()))
        return super().call(context, function, *arguments, **named)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401
        """Compute a product or power, unless it could be made to fill the memory."""
        forbidden = operator == "**" or (operator == "%" and isinstance(left, str))
        _check_numbers((left, right, _REPEATS + 1 if forbidden else 0))
        return super().call_binop(context, operator, left, right)


class ChatTemplate:
    """Renders messages to the text that a model was trained to continue.

    Args:
        source: A Jinja template; None for a model without one, which gets ChatML.
        bos: The text of the model's beginning-of-text token.
        eos: The text of its end-of-text token.
        control_names: Gives the names of control tokens that a text contains.

    Raises:
        BadChatTemplate: if ``source`` is not a template.
    """

    def __init__(self, source: str | None, bos: str, eos: str, control_names: Callable[[str], set[str]]) -> None:
        environment = _Environment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
        environment.globals["raise_exception"] = _raise
        environment.globals["strftime_now"] = _now
        environment.filters.update({name: _bounded(environment.filters[name]) for name in _WIDENING})
        del environment.filters["format"]
        environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
        self._names = {"bos_token": bos, "eos_token": eos}
        self._control_names = control_names
        try:
            self._template = environment.from_string(_CHATML if source is None else source)
        except (jinja2.TemplateError, RecursionError) as error:
            raise BadChatTemplate(detail=str(error)) from error

    def pieces(self, messages: Sequence[Message]) -> list[str]:
        """Return the prompt for ``messages`` in pieces that have to be tokenized apart from each other.

        If the last message is the assistant's, the prompt ends inside it. A template that knows no system message
        gets that one at the head of the first of the user's.

        Raises:
            BadChatTemplate: if the template fails, takes too long, or writes too much.
        """
        mark = next((m for m in _MARKS if all(m not in message.content for message in messages)), "")
        safe = [Message(m.role, self._part(m.content, mark)) for m in messages]
        begun = safe.pop().content if safe and safe[-1].role == "assistant" else ""
        try:
            text = self._render(safe)
        except BadChatTemplate:
            if not safe or safe[0].role != "system" or len(safe) == 1:
                raise
            merged = Message("user", f"{safe[0].content}\n\n{safe[1].content}")
            text = self._render([merged, *safe[2:]])
        text += begun
        return text.split(mark) if mark else [text]

    def _part(self, content: str, mark: str) -> str:
        for name in self._control_names(content):
            content = content.replace(name, name[:1] + mark + name[1:])
        return content

    def _render(self, messages: Sequence[Message]) -> str:
        limit = _OWN_CHARACTERS + 4 * sum(len(message.content) for message in messages)
        values = [{"role": message.role, "content": message.content} for message in messages]
        parts: list[str] = []
        try:
            with _Deadline(self._template.filename or "<template>", _SECONDS):
                for part in self._template.generate(messages=values, add_generation_prompt=True, **self._names):
                    parts.append(part)
                    limit -= len(part)
                    if limit < 0:
                        raise BadChatTemplate(detail=N_("it writes far more than it was given"))
        except BadChatTemplate:
            raise
        except Exception as error:  # a template can raise whatever the objects it touches raise
            raise BadChatTemplate(detail=str(error) or type(error).__name__) from error
        return "".join(parts)


def model_template(model: Model) -> ChatTemplate:
    """Return the chat template of ``model``, or ChatML if it has none.

    Raises:
        BadChatTemplate: if what is in its file is not a template.
    """

    @functools.lru_cache(maxsize=256)
    def control_names(text: str) -> set[str]:
        return {model.literal(token) for token in model.tokenize(text, special=True) if model.is_control(token)}

    bos, eos = (model.literal(token) if token >= 0 else "" for token in (model.bos, model.eos))
    return ChatTemplate(model.chat_template, bos, eos, control_names)


class _Deadline:
    """Ends code of one source file that runs for too long, by a trace function that looks at the clock."""

    def __init__(self, filename: str, seconds: float) -> None:
        self._filename = filename
        self._seconds = seconds

    def __enter__(self) -> None:
        self._end = time.monotonic() + self._seconds
        self._outer = sys.gettrace()
        sys.settrace(self._trace)

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._outer)

    def _trace(self, frame: FrameType, _event: str, _argument: object) -> Any:  # noqa: ANN401 - recursive type
        if frame.f_code.co_filename != self._filename:
            return None
        if time.monotonic() > self._end:
            raise BadChatTemplate(detail=N_("it takes too long"))
        return self._trace


def _check_numbers(values: Iterable[object]) -> None:
    if any(isinstance(value, int) and value > _REPEATS for value in values):
        raise jinja2.TemplateRuntimeError(N_("it computes with numbers that are too large"))


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*arguments: object, **named: object) -> object:
        _check_numbers((*arguments, *named.values()))
        return function(*arguments, **named)

    return call


def _raise(message: str) -> NoReturn:
    raise jinja2.TemplateRuntimeError(message)


def _now(form: str) -> str:
    return datetime.datetime.now(tz=datetime.timezone.utc).astimezone().strftime(form)
