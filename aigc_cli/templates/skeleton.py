"""What a new template file holds."""

from __future__ import annotations

_EN = """\
# A prompt template: docs/prompts.md describes every key, `aigc prompts check` finds mistakes.
description = "what it does, in one line"
version = 1

system = "You are a careful writer."

# {{ input }} is the text given on the command line or through a pipe.
user = '''
Rewrite this in a {{ tone }} tone:

{{ input }}
'''

[variables.tone]
default = "friendly"
help = "how it should sound"

[sampling]
temperature = 0.5
"""
_ZH = """\
# 提示词模板：各项说明见 docs/zh/prompts.md，用 `aigc prompts check` 查错。
description = "一句话说明用途"
version = 1

system = "你是一位细心的作者。"

# {{ input }} 是命令行给出或经管道送入的文字。
user = '''
用{{ tone }}的语气改写下面的文字：

{{ input }}
'''

[variables.tone]
default = "亲切"
help = "语气"

[sampling]
temperature = 0.5
"""


def skeleton(language: str) -> str:
    """Return a small working template with comments in Chinese for "zh", else in English."""
    return _ZH if language == "zh" else _EN
