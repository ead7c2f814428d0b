"""Errors of plugins and of what they generate."""

from __future__ import annotations

from aigc_cli.core.errors.base import AigcError
from aigc_cli.core.text import N_


class PluginError(AigcError):
    """A plugin misbehaves. Params: ``name``, ``detail``, ``remedy`` (a command)."""

    template = N_("the plugin {name!r} does not work: {detail}")
    hint = N_("remove it with `{remedy}`")


class InstallFailed(PluginError):
    """A package cannot be installed or removed. Params: ``name``, ``detail``."""

    template = N_("{name!r}: {detail}")
    hint = ""


class NotResumable(AigcError):
    """A run of a generator cannot go on where it stopped. Params: ``name``, ``detail``."""

    template = N_("this run of {name!r} cannot be resumed: {detail}")
    hint = N_("run the same command without `--resume` to start over")


class NoSuchPlugin(AigcError):
    """No plugin goes by this name. Params: ``name``."""

    template = N_("there is no plugin called {name!r}")
    hint = N_("`aigc plugins list` shows what is installed")
    exit_code = 2
