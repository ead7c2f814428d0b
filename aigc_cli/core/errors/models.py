"""Errors of finding, fetching and loading models."""

from __future__ import annotations

from aigc_cli.core.errors.base import AigcError
from aigc_cli.core.text import N_


class ModelError(AigcError):
    """A model cannot be found, fetched or loaded."""

    exit_code = 3


class NoSuchModel(ModelError):
    """No model goes by this name. Params: ``name``."""

    template = N_("there is no model called {name!r}")
    hint = N_("`aigc models list` shows what is here, `aigc models pull {name}` fetches one")


class MisspeltModel(NoSuchModel):
    """No model goes by this name, and one goes by a similar one. Params: ``name``, ``near``."""

    hint = N_("did you mean {near!r}? `aigc models list` shows what is here")


class BadModelFile(ModelError):
    """A file is not a sound GGUF model. Params: ``path``, ``detail``."""

    template = N_("{path} is not a usable GGUF model: {detail}")
    hint = N_("fetch it again with `aigc models pull`, or choose another with `-m`")


class WrongHash(ModelError):
    """A download is not what it should be. Params: ``name``, ``expected``, ``actual``."""

    template = N_("{name} arrived damaged: SHA-256 is {actual}, expected {expected}")
    hint = N_("the file was discarded; run the same command again")


class DownloadFailed(ModelError):
    """A model could not be fetched. Params: ``name``, ``detail``."""

    template = N_("could not fetch {name}: {detail}")
    hint = N_("check the connection and run the same command again")


class DownloadRefused(ModelError):
    """What was asked for is not there, or not for this user. Params: ``name``, ``detail``."""

    template = N_("could not fetch {name}: {detail}")
    hint = N_("`aigc models list --available` shows models that can be fetched")


class NoRoom(ModelError):
    """A model is larger than the space left on the disk. Params: ``name``, ``needed`` and ``free`` MB, ``path``."""

    template = N_("{name} needs {needed} MB of disk space, and the disk that holds {path} has {free} MB left")
    hint = N_("free some space, or choose a smaller model with `aigc models list --available`")
