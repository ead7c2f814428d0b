"""The forms that are known."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class EnglishForm:
    """A form of English verse.

    Attributes:
        template: The prompt template that asks for it.
        schemes: The rhyme schemes that count, a letter for each line, "x" for a line that need not rhyme; the first
            is the one that is written. Empty for a form without rhymes.
        syllables: The fewest and the most that each line may have; a single one stands for all lines.
        lines: How many there are; 0 leaves that open.
        elided: Whether a syllable may be slurred, as in metrical verse.
        repeats: Whether a rhyme may be a word again, as Edward Lear does.
    """

    template: str
    schemes: tuple[str, ...] = ()
    syllables: tuple[Span, ...] = ()
    lines: int = 0
    elided: bool = True
    repeats: bool = False

    def span(self, line: int) -> Span | None:
        """Return the fewest and the most syllables of a line; None if any number will do."""
        return self.syllables[line % len(self.syllables)] if self.syllables else None


@dataclass(frozen=True, slots=True)
class ChineseForm:
    """A form of Chinese verse.

    Attributes:
        template: The prompt template that asks for it.
        lines: How many there are; 0 where the topic decides.
        width: Characters in a line; 0 where an option decides.
    """

    template: str
    lines: int = 0
    width: int = 0


ENGLISH: dict[str, EnglishForm] = {
    "haiku": EnglishForm("haiku.en", syllables=((5, 5), (7, 7), (5, 5)), lines=3, elided=False),
    "limerick": EnglishForm("limerick.en", ("AABBA",), ((7, 10), (7, 10), (4, 7), (4, 7), (7, 10)), 5, repeats=True),
    "couplets": EnglishForm("couplets.en", ("AABB",), ((6, 12),)),
    "quatrain": EnglishForm("quatrain.en", ("ABAB", "AABB", "ABBA", "AABA", "xAxA"), ((5, 12),), 4),
    "sonnet": EnglishForm(
        "sonnet.en",
        ("ABABCDCDEFEFGG", "ABBAABBACDECDE", "ABBAABBACDCDCD", "ABABBCBCCDCDEE"),
        ((9, 11),),
        14,
    ),
    "acrostic": EnglishForm("acrostic.en"),
    "free": EnglishForm("poem.en"),
}
CHINESE: dict[str, ChineseForm] = {
    "wujue": ChineseForm("jueju.zh", 4, 5),
    "qijue": ChineseForm("jueju.zh", 4, 7),
    "wulv": ChineseForm("lushi.zh", 8, 5),
    "qilv": ChineseForm("lushi.zh", 8, 7),
    "duilian": ChineseForm("duilian-pair.zh", 2),
    "cangtou": ChineseForm("cangtou.zh"),
}
ALIASES = {
    "五绝": "wujue",
    "七绝": "qijue",
    "五律": "wulv",
    "七律": "qilv",
    "对联": "duilian",
    "藏头诗": "cangtou",
}
DEFAULT = {"en": "quatrain", "zh": "wujue"}


def form_name(given: object, language: str) -> str:
    """Return the name of the form the user means; the usual one of the language where none is given."""
    name = str(given or DEFAULT.get(language, DEFAULT["en"]))
    return ALIASES.get(name, name)
