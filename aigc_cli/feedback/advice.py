"""What a model is told because of why the user disliked something."""

from __future__ import annotations

from collections.abc import Mapping

from aigc_cli.core.generator import Texts

ADVICE: Mapping[str, Texts] = {
    "too-long": {"en": "Keep it short.", "zh": "请简短回答。"},
    "too-short": {"en": "Go into detail.", "zh": "请回答得详细些。"},
    "wrong": {"en": "Say only what you are sure of.", "zh": "只说有把握的内容。"},
    "off-topic": {"en": "Answer exactly what is asked.", "zh": "只回答所问的问题。"},
    "unclear": {"en": "Use plain and simple words.", "zh": "请用简单易懂的话。"},
    "dull": {"en": "Write vividly.", "zh": "请写得生动些。"},
    "wrong-language": {"en": "Answer in the language of the question.", "zh": "请用提问所用的语言回答。"},
}
"""The instruction for a reason. A reason without one teaches nothing at once; it counts when a model is tuned."""

OPPOSITES: Mapping[str, str] = {"too-long": "too-short", "too-short": "too-long"}
"""Reasons that speak against each other: the one that was given more often counts."""
