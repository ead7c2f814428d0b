"""What the generator says to the user, in English and Chinese."""

from __future__ import annotations

_TEXTS = {
    "outline": ("outline", "提纲"),
    "title": ("title", "标题"),
    "abstract": ("abstract", "摘要"),
    "edit": (
        "Sections: {headings}. Change the outline before the article is written?",
        "小节：{headings}。动笔之前要修改提纲吗？",
    ),
    "unit": ("words", "字"),
    "length": (
        "it has {actual} {unit} and was to have {target}",
        "全文 {actual} {unit}，要求 {target} {unit}",
    ),
    "missing": ("the section {heading!r} of the outline is missing", "缺少提纲中的小节“{heading}”"),
    "empty": ("the section {heading!r} is empty", "小节“{heading}”没有内容"),
    "order": ("the sections are not in the order of the outline", "小节的顺序与提纲不同"),
    "repeats": ("{passage!r} stands in it {count} times", "“{passage}”出现了 {count} 次"),
    "quote": ("the sources do not say {quote!r}", "资料中没有这句引文：“{quote}”"),
    "both-lengths": (
        "--words and --chars exclude each other",
        "--words 与 --chars 不能同时使用",
    ),
    "no-outline": (
        "the outline has no section: begin each with `## ` or a number",
        "提纲里没有小节：每个小节以 `## ` 或编号开头",
    ),
    "too-short": (
        "{target} {unit} are too few for {sections} sections",
        "{target} {unit}不够写 {sections} 个小节",
    ),
}


def say(language: str, key: str, **params: object) -> str:
    """Return the sentence ``key`` in ``language``, English where that is not Chinese."""
    english, chinese = _TEXTS[key]
    return (chinese if language == "zh" else english).format(**params)
