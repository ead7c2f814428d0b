"""All that a plugin imports. What is here keeps its name and meaning; everything else in aigc may change."""

from aigc_cli.core.engine import Engine, EngineInfo, EngineProvider
from aigc_cli.core.errors import AigcError, EngineError, PluginError, UsageProblem
from aigc_cli.core.events import EngineEvent, Finished, PromptProgress, TextDelta, Timing, TokenLogprob, Usage
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request, Sampling
from aigc_cli.plugin.spec import hookimpl

__all__ = [
    "AigcError",
    "Engine",
    "EngineError",
    "EngineEvent",
    "EngineInfo",
    "EngineProvider",
    "Finished",
    "Message",
    "PluginError",
    "PromptProgress",
    "Request",
    "Sampling",
    "TextDelta",
    "Timing",
    "TokenLogprob",
    "Usage",
    "UsageProblem",
    "hookimpl",
]
