"""Which language a text or a template file is in, as far as choosing a template needs it."""

from __future__ import annotations

import re
from typing import Literal

_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿\U00020000-\U0003134f]")
_KANA_OR_HANGUL = re.compile(r"[぀-ヿ가-힯ᄀ-ᇿ]")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]+")
_SAMPLE = 20_000
_FILE_NAME = re.compile(r"(?P<name>\w[\w-]*)(\.(?P<language>[a-z]{2,3}(-[A-Za-z0-9]{2,8})*))?")


def text_language(text: str) -> Literal["zh", "en"] | None:
    """Return "zh" for a text that is mostly Chinese, "en" for one mostly in Latin letters, None for any other.

    A Chinese character counts as much as a whole Latin word, so that Chinese prose full of English terms is
    Chinese. Only the beginning of a long text is looked at.
    """
    sample = text[:_SAMPLE]
    han, words = len(_HAN.findall(sample)), len(_LATIN_WORD.findall(sample))
    if len(_KANA_OR_HANGUL.findall(sample)) > han // 4:
        return None
    if han > words:
        return "zh"
    return "en" if words else None


def split_name(stem: str) -> tuple[str, str] | None:
    """Split "summarize.zh" into name and language, which may be empty; None if it cannot name a template."""
    match = _FILE_NAME.fullmatch(stem)
    return (match["name"], match["language"] or "") if match else None
