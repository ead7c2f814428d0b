"""What this plugin says, in English and Chinese."""

from __future__ import annotations

_TEXTS: dict[str, tuple[str, str]] = {
    "lines": ("there are {found} lines, and there should be {wanted}", "共 {found} 行（句），应为 {wanted}"),
    "characters": ("line {line} has {found} characters, not {wanted}", "第 {line} 句有 {found} 字，应为 {wanted} 字"),
    "unequal": ("the two lines have {first} and {second} characters", "上联 {first} 字，下联 {second} 字，不相等"),
    "tone": ("line {line}: {char} at place {place} should be {tone}", "第 {line} 句第 {place} 字“{char}”应{tone}"),
    "ending": ("line {line}: {char} at the end should be {tone}", "第 {line} 句末字“{char}”应{tone}"),
    "lone": ("line {line} has a single level tone besides its rhyme (孤平)", "第 {line} 句犯孤平"),
    "triple": ("line {line} ends with three level tones (三平尾)", "第 {line} 句三平尾"),
    "rhyme-zh": ("line {line}: {char} does not rhyme ({rhyme})", "第 {line} 句“{char}”不押韵（{rhyme}韵）"),
    "rhyme-twice": ("{char} is rhymed with itself", "“{char}”重复为韵脚"),
    "opposed": (
        "{first} and {second} at place {place} should be of opposed tones",
        "第 {place} 字“{first}”与“{second}”平仄应相对",
    ),
    "same": ("{char} stands at place {place} in both lines", "上下联第 {place} 字同为“{char}”"),
    "head": ("line {line} begins with {found}, not with {wanted}", "第 {line} 句以“{found}”开头，应为“{wanted}”"),
    "syllables": ("line {line} has {found} syllables, not {wanted}", "第 {line} 行有 {found} 个音节，应为 {wanted} 个"),
    "rhyme-en": (
        "line {line}: {word!r} does not rhyme with {other!r} of line {anchor}",
        "第 {line} 行的 {word!r} 与第 {anchor} 行的 {other!r} 不押韵",
    ),
    "same-word": ("line {line} rhymes {word!r} with itself", "第 {line} 行以 {word!r} 自押"),
    "empty": ("there is no verse", "没有诗句"),
    "tones-are": ("{scheme}, rhyme {rhyme}", "{scheme}，{rhyme}韵"),
    "meter-is": ("rhymes {scheme}, meter {meter}", "韵式 {scheme}，格律 {meter}"),
    "level": ("level (平)", "平"),
    "oblique": ("oblique (仄)", "仄"),
    "no-heads": (
        "say with `--head` what the lines begin with: 2 to 16 characters or letters",
        "请用 `--head` 给出每句的首字：2 到 16 个字（或字母）",
    ),
    "bad-upper": (
        "the first line of a couplet (`--upper`) has 4 to 11 Chinese characters",
        "上联（`--upper`）应有 4 到 11 个汉字",
    ),
    "no-rhyme": ("there is no rhyme called {name!r}; they are {known}", "没有名为“{name}”的韵部；可选：{known}"),
}


def say(key: str, language: str, **params: object) -> str:
    """Return one of the sentences in "en" or "zh"."""
    english, chinese = _TEXTS[key]
    return (chinese if language == "zh" else english).format(**params)
