"""How Chinese characters sound: level (平) or oblique (仄), and with what they rhyme.

Two systems are known: 中华新韵 (2005), the rhymes of today's Chinese, and 平水韵, those of Tang poetry.
A character that may be read in several ways has the tones and rhymes of all of them, as is usual when verse is checked:
the poet chose the reading that fits.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Protocol

LEVEL, OBLIQUE = "平", "仄"

_DATA = files("aigc_poem") / "data"
_READINGS = 2  # of a character in the dictionary, which lists rare ones last
_LEVEL_TONES = "12"

# 中华新韵 (十四韵), 中华诗词学会 2005: finals as pypinyin spells them.
_XINYUN = {
    "一麻": "a ia ua",
    "二波": "o e uo",
    "三皆": "ie ve ue",
    "四开": "ai uai",
    "五微": "ei uei",
    "六豪": "ao iao",
    "七尤": "ou iou",
    "八寒": "an ian uan van",
    "九文": "en in uen vn",
    "十唐": "ang iang uang",
    "十一庚": "eng ing ueng ong iong",
    "十二齐": "i er v",
    "十三支": "-i",
    "十四姑": "u",
}
_GROUP = {final: name for name, finals in _XINYUN.items() for final in finals.split()}
_SIBILANTS = ("zh", "ch", "sh", "r", "z", "c", "s")

# Rhymes of 平水韵 from which the first line may borrow (邻韵), 王力《诗词格律》.
_NEIGHBOURS = ("一东 二冬", "三江 七阳", "四支 五微 八齐", "六鱼 七虞", "九佳 十灰", "十一真 十二文 十三元",
               "十三元 十四寒 十五删 一先", "二萧 三肴 四豪", "五歌", "六麻", "八庚 九青 十蒸", "十一尤", "十二侵",
               "十三覃 十四盐 十五咸")  # fmt: skip


class Sounds(Protocol):
    """A system of tones and rhymes."""

    name: str

    def tones(self, character: str) -> frozenset[str]:
        """Return `LEVEL`, `OBLIQUE`, or both; both for a character that is not known."""
        ...

    def rhymes(self, character: str) -> frozenset[str]:
        """Return the names of the level rhymes that a character belongs to."""
        ...

    def known(self, character: str) -> bool:
        """Return whether anything is known of a character; what is unknown is never called wrong."""
        ...

    def near(self, rhyme: str) -> frozenset[str]:
        """Return the rhymes that the first line may have where the others have ``rhyme``."""
        ...


class Xinyun:
    """中华新韵: by the tones and finals of today's standard Chinese."""

    name = "xinyun"

    def tones(self, character: str) -> frozenset[str]:
        """Tones 1 and 2 are level, 3 and 4 oblique."""
        tones = {LEVEL if tone in _LEVEL_TONES else OBLIQUE for tone, _ in _readings(character)}
        return frozenset(tones or {LEVEL, OBLIQUE})

    def rhymes(self, character: str) -> frozenset[str]:
        """Only readings in a level tone count."""
        return frozenset(_GROUP[final] for tone, final in _readings(character) if tone in _LEVEL_TONES)

    def known(self, character: str) -> bool:
        """Whether pypinyin has a reading."""
        return bool(_readings(character))

    def near(self, rhyme: str) -> frozenset[str]:
        """Modern rhymes are wide enough: there is nothing to borrow."""
        return frozenset({rhyme})


class Pingshui:
    """平水韵: by the table of 106 rhymes, of which 30 are level."""

    name = "pingshui"

    def tones(self, character: str) -> frozenset[str]:
        """A rhyme of 平声 is level, all others (上, 去, 入) are oblique."""
        tones = {LEVEL if "平声" in rhyme else OBLIQUE for rhyme in _pingshui().get(character, ())}
        return frozenset(tones or {LEVEL, OBLIQUE})

    def rhymes(self, character: str) -> frozenset[str]:
        """A character may be in several rhymes."""
        return frozenset(rhyme.partition("声")[2] for rhyme in _pingshui().get(character, ()) if "平声" in rhyme)

    def known(self, character: str) -> bool:
        """Whether the table has it."""
        return character in _pingshui()

    def near(self, rhyme: str) -> frozenset[str]:
        """The first line may borrow from a neighbouring rhyme (孤雁出群)."""
        return frozenset({rhyme}.union(*(group.split() for group in _NEIGHBOURS if rhyme in group.split())))


def sounds(name: str) -> Sounds:
    """Return the system called "xinyun" or "pingshui"."""
    return Pingshui() if name == Pingshui.name else Xinyun()


@cache
def common() -> str:
    """Return the common characters, the most frequent in Tang poems first."""
    return (_DATA / "hanzi.txt").read_text(encoding="utf-8").strip()


def is_hanzi(character: str) -> bool:
    """Return whether ``character`` is a Chinese character."""
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


@cache
def _readings(character: str) -> tuple[tuple[str, str], ...]:
    """Return tone and final of the readings that count, from pypinyin's dictionary."""
    from pypinyin import Style, pinyin

    if not is_hanzi(character):
        return ()
    finals = pinyin(character, style=Style.FINALS_TONE3, heteronym=True, errors="ignore")
    initials = pinyin(character, style=Style.TONE3, heteronym=True, errors="ignore")
    found = []
    for final, whole in zip(*(next(iter(lists), []) for lists in (finals, initials)), strict=False):
        sound, tone = (final[:-1], final[-1]) if final[-1:].isdigit() else (final, "")
        if sound == "i" and whole.startswith(_SIBILANTS):
            sound = "-i"
        if sound in _GROUP and tone:
            found.append((tone, sound))
    return tuple(dict.fromkeys(found))[:_READINGS]


@cache
def _pingshui() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for line in (_DATA / "pingshui.txt").read_text(encoding="utf-8").splitlines():
        name, _, characters = line.partition(" ")
        for character in characters:
            table[character] = (*table.get(character, ()), name)
    return table
