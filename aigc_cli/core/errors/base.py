"""What every expected error is, and those that belong to no part."""

from __future__ import annotations

import re
from typing import ClassVar

from aigc_cli.core.text import N_


class AigcError(Exception):
    """An expected failure: one line for the user, a remedy, an exit code.

    Attributes:
        template: English sentence marked for translation, with ``str.format`` fields taken from ``params``.
        hint: What the user can do about it, formatted with the same ``params``; may be empty.
        exit_code: The status with which a one-shot command ends.
    """

    template: ClassVar[str] = N_("{detail}")
    hint: ClassVar[str] = ""
    exit_code: ClassVar[int] = 1

    def __init__(self, **params: object) -> None:
        super().__init__()
        self.params = params

    @property
    def code(self) -> str:
        """The stable kebab-case name of this kind of error, as documented in docs/errors.md."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(self).__name__).lower()

    def __str__(self) -> str:
        return self.template.format(**self.params)


class UsageProblem(AigcError):
    """Options or arguments that make no sense together. Params: ``detail``."""

    exit_code = 2


class SettingError(AigcError):
    """A setting is unknown or has a bad value. Params: ``key``, ``detail``."""

    template = N_("setting {key!r}: {detail}")
    hint = N_("`aigc config list` describes every setting")
    exit_code = 2


class MissingExtra(AigcError):
    """A library that only some features need is not installed. Params: ``package``, ``extra``."""

    template = N_("this needs {package}, which `pip install 'aigc-cli[{extra}]'` installs")
