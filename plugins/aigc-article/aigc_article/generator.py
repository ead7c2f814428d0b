"""What the article generator tells aigc about itself."""

from __future__ import annotations

from aigc_article.check import check_article
from aigc_article.flow import article
from aigc_cli.api import Generator, Option

GENERATOR = Generator(
    name="article",
    summary={"en": "Write an article: outline, sections, title, abstract", "zh": "写文章：提纲、分节、标题、摘要"},
    flow=article,
    options=(
        Option(
            "words",
            {"en": "length in words (800 if neither is given)", "zh": "全文词数，用于英文（默认 800）"},
            "int",
            minimum=50,
            maximum=50_000,
        ),
        Option(
            "chars",
            {
                "en": "length in Chinese characters, words of other scripts counting as one",
                "zh": "全文字数，西文单词每个算一字（默认 1000）",
            },
            "int",
            minimum=50,
            maximum=100_000,
        ),
        Option(
            "sections",
            {"en": "how many sections; else what suits the length", "zh": "小节数，默认按篇幅决定"},
            "int",
            minimum=1,
            maximum=40,
        ),
        Option("tone", {"en": "how it should sound, such as formal", "zh": "文风，例如“轻松”"}),
        Option("audience", {"en": "who it is for, such as beginners", "zh": "写给谁看，例如“初学者”"}),
        Option(
            "from",
            {
                "en": "a text to draw on, and no other; quotes are checked against it",
                "zh": "只依据这份资料写，并核对引文",
            },
            "file",
            multiple=True,
        ),
        Option("outline", {"en": "an outline to follow", "zh": "按这份提纲写"}, "file"),
    ),
    reasons={
        "structure": {"en": "how it is built", "zh": "结构"},
        "facts": {"en": "what it says is right or wrong", "zh": "事实"},
        "style": {"en": "how it reads", "zh": "文风"},
        "length": {"en": "too long, too short or just right", "zh": "篇幅"},
        "repetition": {"en": "it says things again", "zh": "重复"},
        "topic": {"en": "it keeps to the topic or wanders", "zh": "切题"},
    },
    check=check_article,
)
