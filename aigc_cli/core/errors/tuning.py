"""Errors of tuning and of adapters."""

from __future__ import annotations

from aigc_cli.core.errors.base import AigcError
from aigc_cli.core.text import N_


class TuningError(AigcError):
    """A model cannot be tuned, or an adapter not be used. Params: ``detail``."""


class TooFewVotes(TuningError):
    """The votes do not suffice for a way to train. Params: ``detail``."""

    template = N_("too little to learn from: {detail}")
    hint = N_("vote on more answers; `aigc tune status` counts")


class Untunable(TuningError):
    """A model cannot be tuned here. Params: ``model``, ``detail``."""

    template = N_("the model {model!r} cannot be tuned: {detail}")
    hint = N_("docs/tuning.md says which models can be, and how to train elsewhere")


class TrainingBusy(TuningError):
    """Another process trains already."""

    template = N_("another training is running")
    hint = N_("wait until it has ended")


class TrainingFailed(TuningError):
    """The training process ended with an error. Params: ``detail``, ``log``."""

    template = N_("the training failed: {detail}")
    hint = N_("the adapter in use is as it was; {log} has the details")


class AdapterExists(TuningError):
    """An adapter has this name already. Params: ``name``."""

    template = N_("there is an adapter called {name!r} already")
    hint = N_("choose another name, or delete it with `aigc tune delete {name}`")


class NotProven(TuningError):
    """An adapter did not pass the gate. Params: ``name``, ``detail``."""

    template = N_("the adapter {name!r} has not passed its tests: {detail}")
    hint = N_("`aigc tune show {name}` has the figures; `--force` uses it all the same")


class NothingToRollBack(TuningError):
    """No adapter is in use. Params: ``model``."""

    template = N_("{model} answers without an adapter already")


class NoSuchAdapter(AigcError):
    """No adapter goes by this name. Params: ``name``."""

    template = N_("there is no adapter called {name!r}")
    hint = N_("`aigc tune list` shows them")
    exit_code = 2
