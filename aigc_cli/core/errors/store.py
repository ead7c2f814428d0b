"""Errors of the history."""

from __future__ import annotations

from aigc_cli.core.errors.base import AigcError
from aigc_cli.core.text import N_


class StoreError(AigcError):
    """The database cannot be used. Params: ``path``, ``detail``."""

    template = N_("the database {path} cannot be used: {detail}")


class DatabaseLocked(StoreError):
    """Another process holds the database for too long. Params: ``path``."""

    template = N_("the database {path} is locked by another program")
    hint = N_("end that program, or answer without saving: `--no-save`")


class DatabaseReadOnly(StoreError):
    """The database may not be written. Params: ``path``."""

    template = N_("the database {path} cannot be written")
    hint = N_("mend its permissions, or answer without saving: `--no-save`")


class DatabaseTooNew(StoreError):
    """A later version of aigc has upgraded the database. Params: ``path``, ``migration``."""

    template = N_("the database {path} was written by a newer aigc (it has {migration!r})")
    hint = N_("upgrade aigc, or point AIGC_HOME at another folder")


class DatabaseCorrupt(StoreError):
    """The file is damaged or is no database. Params: ``path``, ``detail``."""

    template = N_("the database {path} is damaged: {detail}")
    hint = N_("move it aside and restore a backup from the folder it is in")


class DiskFull(StoreError):
    """No space is left. Params: ``path``."""

    template = N_("no space is left on the disk that holds {path}")
    hint = N_("free some space and run the same command again")


class NoSuchTurn(StoreError):
    """No turn or conversation has this reference. Params: ``ref``."""

    template = N_("nothing in the history is called {ref!r}")
    hint = N_("`aigc history list` shows the ids; a unique beginning of one, or `last`, is enough")


class NotAnAnswer(StoreError):
    """A turn that is to be voted on is a question or a system prompt. Params: ``ref``, ``role``."""

    template = N_("{ref} is no answer but a turn of role “{role}”; only answers can be voted on")
    hint = N_("`aigc history list` shows the ids with their roles; `last` is the newest answer")
    exit_code = 2


class NoSuchDuel(StoreError):
    """No duel has this reference. Params: ``ref``."""

    template = N_("there is no duel {ref!r} that waits for a choice")
    hint = N_("`aigc duel PROMPT` begins one")


class AmbiguousRef(StoreError):
    """A reference is the beginning of several ids. Params: ``ref``, ``count``."""

    template = N_("{ref!r} is the beginning of {count} ids")
    hint = N_("give more of it")
    exit_code = 2
