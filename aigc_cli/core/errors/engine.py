"""Errors of engines."""

from __future__ import annotations

from aigc_cli.core.errors.base import AigcError
from aigc_cli.core.text import N_


class EngineError(AigcError):
    """The engine cannot do what was asked. Params: ``detail``."""


class ContextOverflow(EngineError):
    """The prompt does not fit. Params: ``needed`` tokens (a lower bound for huge texts), ``context`` tokens."""

    template = N_("the prompt needs {needed} tokens and the context holds {context}")
    hint = N_("shorten it, enlarge `context` with `aigc config set context N`, or use `--overflow drop|summarize`")
    exit_code = 4


class NothingGenerated(EngineError):
    """The model ended its answer before the first character."""

    template = N_("the model answered with nothing")
    hint = N_("try again, or put the question differently")
    exit_code = 5


class BadChatTemplate(EngineError):
    """The chat template inside a model file fails. Params: ``detail``."""

    template = N_("the model's chat template does not work: {detail}")
    hint = N_("use another build of this model")


class BadGrammar(EngineError):
    """A grammar or JSON Schema cannot be enforced. Params: ``detail``."""

    template = N_("this grammar cannot be enforced: {detail}")
    exit_code = 2


class BadAdapter(EngineError):
    """A LoRA adapter cannot be used with this model. Params: ``path``, ``detail``."""

    template = N_("the adapter {path} cannot be used: {detail}")


class OutOfMemory(EngineError):
    """The model or its context does not fit into memory. Params: ``detail``."""

    template = N_("not enough memory: {detail}")
    hint = N_("choose a smaller model (`aigc models list --available`) or a smaller `context`")
