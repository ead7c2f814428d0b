"""The errors that a user can cause or meet, each with a remedy and an exit code.

The tree::

    AigcError                      1
    |- UsageProblem                2   options or arguments that make no sense together
    |- ModelError                  3
    |  |- NoSuchModel
    |  |  `- MisspeltModel
    |  |- BadModelFile
    |  |- WrongHash
    |  |- DownloadFailed
    |  |- DownloadRefused
    |  `- NoRoom
    |- EngineError                 1
    |  |- ContextOverflow          4
    |  |- NothingGenerated         5
    |  |- BadChatTemplate
    |  |- BadGrammar               2
    |  |- BadAdapter
    |  `- OutOfMemory
    |- StoreError                  1
    |  |- DatabaseLocked
    |  |- DatabaseReadOnly
    |  |- DatabaseTooNew
    |  |- DatabaseCorrupt
    |  |- DiskFull
    |  |- NoSuchTurn
    |  |- NotAnAnswer              2
    |  |- NoSuchDuel
    |  `- AmbiguousRef             2
    |- TemplateError               2
    |  |- NoSuchTemplate
    |  |- BadTemplate
    |  |- UnknownVariable
    |  |- MissingVariable
    |  |- BadVariable
    |  |- MissingInput
    |  |- UnusedInput
    |  `- TemplateExists
    |- PluginError                 1
    |  `- InstallFailed
    |- NotResumable                1
    |- NoSuchPlugin                2
    |- SettingError                2
    |- MissingExtra                1
    `- InputError                  1
       |- UndecodableInput
       |- UnreadableFile
       |- UnwritableFile
       |- OutputExists           2
       `- UnknownHistory

Each adapter maps the errors of its own library to one of these. Everything else that is raised is a bug.
"""

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


class TemplateError(AigcError):
    """A prompt template cannot be used."""

    exit_code = 2


class NoSuchTemplate(TemplateError):
    """No template goes by this name. Params: ``name``."""

    template = N_("there is no prompt template called {name!r}")
    hint = N_("`aigc prompts list` shows them, `aigc prompts new {name}` starts one")


class BadTemplate(TemplateError):
    """A template file is wrong. Params: ``path``, ``detail``."""

    template = N_("the template {path} is wrong: {detail}")
    hint = N_("docs/prompts.md describes the format, `aigc prompts check FILE` checks it")


class UnknownVariable(TemplateError):
    """A variable was given that the template does not have. Params: ``name``, ``template_name``, ``known``."""

    template = N_("the template {template_name!r} has no variable {name!r}; it has: {known}")
    hint = N_("`aigc prompts show {template_name}` describes them")


class MissingVariable(TemplateError):
    """A variable without a default was not given. Params: ``name``, ``template_name``."""

    template = N_("the template {template_name!r} needs the variable {name!r}")
    hint = N_("give it with `-p {name}=VALUE`")


class BadVariable(TemplateError):
    """A variable was given a value it cannot have. Params: ``name``, ``value``, ``template_name``, ``detail``."""

    template = N_("the variable {name!r} cannot be {value!r}: {detail}")
    hint = N_("`aigc prompts show {template_name}` describes the variables")


class MissingInput(TemplateError):
    """A template works on a text and none was given. Params: ``template_name``."""

    template = N_("the template {template_name!r} works on a text, and there is none")
    hint = N_("give it as an argument, with `-f FILE`, or through a pipe")


class UnusedInput(TemplateError):
    """A text was given to a template that has no place for one. Params: ``template_name``."""

    template = N_("the template {template_name!r} takes no text, only variables")
    hint = N_("`aigc prompts show {template_name}` describes them")


class TemplateExists(TemplateError):
    """A new template would overwrite a file. Params: ``path``."""

    template = N_("{path} exists already")
    hint = N_("edit it, or choose another name")


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


class SettingError(AigcError):
    """A setting is unknown or has a bad value. Params: ``key``, ``detail``."""

    template = N_("setting {key!r}: {detail}")
    hint = N_("`aigc config list` describes every setting")
    exit_code = 2


class MissingExtra(AigcError):
    """A library that only some features need is not installed. Params: ``package``, ``extra``."""

    template = N_("this needs {package}, which `pip install 'aigc-cli[{extra}]'` installs")


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
