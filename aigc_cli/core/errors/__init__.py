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
    |- TuningError                 1
    |  |- TooFewVotes
    |  |- Untunable
    |  |- TrainingBusy
    |  |- TrainingFailed
    |  |- AdapterExists
    |  |- NotProven
    |  `- NothingToRollBack
    |- NoSuchAdapter               2
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

from aigc_cli.core.errors.base import AigcError, MissingExtra, SettingError, UsageProblem
from aigc_cli.core.errors.engine import (
    BadAdapter,
    BadChatTemplate,
    BadGrammar,
    ContextOverflow,
    EngineError,
    NothingGenerated,
    OutOfMemory,
)
from aigc_cli.core.errors.inputs import (
    InputError,
    OutputExists,
    UndecodableInput,
    UnknownHistory,
    UnreadableFile,
    UnwritableFile,
)
from aigc_cli.core.errors.models import (
    BadModelFile,
    DownloadFailed,
    DownloadRefused,
    MisspeltModel,
    ModelError,
    NoRoom,
    NoSuchModel,
    WrongHash,
)
from aigc_cli.core.errors.plugins import InstallFailed, NoSuchPlugin, NotResumable, PluginError
from aigc_cli.core.errors.store import (
    AmbiguousRef,
    DatabaseCorrupt,
    DatabaseLocked,
    DatabaseReadOnly,
    DatabaseTooNew,
    DiskFull,
    NoSuchDuel,
    NoSuchTurn,
    NotAnAnswer,
    StoreError,
)
from aigc_cli.core.errors.templates import (
    BadTemplate,
    BadVariable,
    MissingInput,
    MissingVariable,
    NoSuchTemplate,
    TemplateError,
    TemplateExists,
    UnknownVariable,
    UnusedInput,
)
from aigc_cli.core.errors.tuning import (
    AdapterExists,
    NoSuchAdapter,
    NothingToRollBack,
    NotProven,
    TooFewVotes,
    TrainingBusy,
    TrainingFailed,
    TuningError,
    Untunable,
)

__all__ = [
    "AdapterExists",
    "AigcError",
    "AmbiguousRef",
    "BadAdapter",
    "BadChatTemplate",
    "BadGrammar",
    "BadModelFile",
    "BadTemplate",
    "BadVariable",
    "ContextOverflow",
    "DatabaseCorrupt",
    "DatabaseLocked",
    "DatabaseReadOnly",
    "DatabaseTooNew",
    "DiskFull",
    "DownloadFailed",
    "DownloadRefused",
    "EngineError",
    "InputError",
    "InstallFailed",
    "MissingExtra",
    "MissingInput",
    "MissingVariable",
    "MisspeltModel",
    "ModelError",
    "NoRoom",
    "NoSuchAdapter",
    "NoSuchDuel",
    "NoSuchModel",
    "NoSuchPlugin",
    "NoSuchTemplate",
    "NoSuchTurn",
    "NotAnAnswer",
    "NotProven",
    "NotResumable",
    "NothingGenerated",
    "NothingToRollBack",
    "OutOfMemory",
    "OutputExists",
    "PluginError",
    "SettingError",
    "StoreError",
    "TemplateError",
    "TemplateExists",
    "TooFewVotes",
    "TrainingBusy",
    "TrainingFailed",
    "TuningError",
    "UndecodableInput",
    "UnknownHistory",
    "UnknownVariable",
    "UnreadableFile",
    "Untunable",
    "UnusedInput",
    "UnwritableFile",
    "UsageProblem",
    "WrongHash",
]
