"""Errors of files and other input."""

from __future__ import annotations

from aigc_cli.core.errors.base import AigcError
from aigc_cli.core.text import N_


class InputError(AigcError):
    """Something the user handed over cannot be read. Params: ``detail``."""


class UndecodableInput(InputError):
    """Bytes that are neither UTF-8 nor GB18030. Params: ``name``."""

    template = N_("{name} is neither UTF-8 nor GB18030 text")
    hint = N_("convert it first, for example with `iconv -t UTF-8`")


class UnreadableFile(InputError):
    """A file cannot be read. Params: ``path``, ``detail``."""

    template = N_("cannot read {path}: {detail}")


class UnwritableFile(InputError):
    """A file or folder cannot be written. Params: ``path``, ``detail``."""

    template = N_("cannot write {path}: {detail}")


class OutputExists(InputError):
    """A file that is to be written is there already, and nobody can be asked. Params: ``path``."""

    template = N_("{path} exists already")
    hint = N_("replace it with `--force`, or give another name")
    exit_code = 2


class UnknownHistory(InputError):
    """A file holds no conversations in a format that is known. Params: ``path``, ``detail``."""

    template = N_("{path} cannot be imported: {detail}")
