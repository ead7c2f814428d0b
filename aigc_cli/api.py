"""All that a plugin imports. What is here keeps its name and meaning; everything else in aigc may change."""

from aigc_cli.core.engine import Engine, EngineInfo, EngineProvider
from aigc_cli.core.errors import AigcError, EngineError, PluginError, UsageProblem
from aigc_cli.core.events import EngineEvent, Finished, PromptProgress, TextDelta, Timing, TokenLogprob, Usage
from aigc_cli.core.feedback import Rating
from aigc_cli.core.generator import (
    Artifact,
    Brief,
    Call,
    Check,
    Complete,
    Completion,
    Completions,
    Confirm,
    Edit,
    Embed,
    Flow,
    Generator,
    Option,
    OptionValue,
    Report,
    Score,
    Step,
)
from aigc_cli.core.message import Message
from aigc_cli.core.request import Request, Sampling
from aigc_cli.core.template import RenderedPrompt
from aigc_cli.plugin.spec import hookimpl

__all__ = [
    "AigcError",
    "Artifact",
    "Brief",
    "Call",
    "Check",
    "Complete",
    "Completion",
    "Completions",
    "Confirm",
    "Edit",
    "Embed",
    "Engine",
    "EngineError",
    "EngineEvent",
    "EngineInfo",
    "EngineProvider",
    "Finished",
    "Flow",
    "Generator",
    "Message",
    "Option",
    "OptionValue",
    "PluginError",
    "PromptProgress",
    "Rating",
    "RenderedPrompt",
    "Report",
    "Request",
    "Sampling",
    "Score",
    "Step",
    "TextDelta",
    "Timing",
    "TokenLogprob",
    "Usage",
    "UsageProblem",
    "hookimpl",
]
