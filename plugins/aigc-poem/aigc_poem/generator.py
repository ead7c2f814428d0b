"""The declaration of the generator ``poem``."""

from __future__ import annotations

from aigc_cli.api import Brief, Flow, Generator, Option
from aigc_poem.checking import check_poem
from aigc_poem.chinese import write_chinese
from aigc_poem.english_verse import write_english
from aigc_poem.forms import ALIASES, CHINESE, ENGLISH, form_name


def _flow(brief: Brief) -> Flow:
    form = form_name(brief.options["form"], brief.language)
    return write_english(brief, form) if form in ENGLISH else write_chinese(brief, form)


POEM = Generator(
    name="poem",
    summary={"en": "Write a poem in a form that is checked.", "zh": "写一首格律经过检查的诗。"},
    flow=_flow,
    check=check_poem,
    options=(
        Option(
            "form",
            {
                "en": "Its form; else quatrain, or wujue for a Chinese topic.",
                "zh": "体裁；默认中文主题写五绝，其他写 quatrain。",
            },
            type="choice",
            choices=(*ENGLISH, *CHINESE, *ALIASES),
        ),
        Option(
            "head",
            {
                "en": "What the lines of an acrostic or a cangtou begin with; else the topic.",
                "zh": "藏头诗各句（或离合诗各行）的首字；默认取自主题。",
            },
        ),
        Option(
            "lines",
            {"en": "How many lines couplets and free verse have.", "zh": "couplets 和 free 的行数。"},
            type="int",
            minimum=2,
            maximum=40,
        ),
        Option(
            "width",
            {"en": "Characters in a line of a cangtou or duilian.", "zh": "藏头诗、对联每句的字数。"},
            type="choice",
            default="7",
            choices=("5", "7"),
        ),
        Option(
            "upper",
            {"en": "The first line of a duilian, to be answered.", "zh": "给定对联的上联，对出下联。"},
        ),
        Option(
            "rhymes",
            {
                "en": "Tones and rhymes of today (xinyun) or of Tang poetry (pingshui).",
                "zh": "用韵：xinyun 为中华新韵，pingshui 为平水韵。",
            },
            type="choice",
            default="xinyun",
            choices=("xinyun", "pingshui"),
        ),
        Option(
            "rhyme",
            {"en": "The rhyme of a Chinese poem, such as 十唐.", "zh": "指定韵部，例如 十唐。"},
        ),
    ),
    reasons={
        "tones": {"en": "tones", "zh": "平仄"},
        "rhyme": {"en": "rhyme", "zh": "押韵"},
        "rhythm": {"en": "rhythm", "zh": "节奏"},
        "imagery": {"en": "imagery", "zh": "意境"},
        "wording": {"en": "wording", "zh": "用词"},
        "off-topic": {"en": "off topic", "zh": "跑题"},
    },
)
