"""How English words sound: syllables, stresses and rhymes, by the CMU Pronouncing Dictionary.

Words that it does not have are guessed: by their parts ("moonlit" and "'s"), by words that end alike, by their vowels.
 http://www.speech.cs.cmu.edu/cgi-bin/cmudict
"""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

Phones = tuple[str, ...]

_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)*", re.IGNORECASE)
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^aeiouyl]e|[^aeioutd]ed|[^aeiouscxzg]es)$")
_SUFFIXES = {"'s": ("Z",), "s": ("Z",), "'d": ("D",), "ed": ("D",), "'ll": ("L",), "ing": ("IH0", "NG"),
             "in'": ("IH0", "N"), "ly": ("L", "IY0"), "less": ("L", "AH0", "S"), "ness": ("N", "AH0", "S"),
             "er": ("ER0",), "est": ("AH0", "S", "T")}  # fmt: skip
_EYE = "aeiouy"
_LEAST_STEM = 3
_LONGEST_ENDING = 5
_POETIC = {"o'er": "AO1 R", "e'er": "EH1 R", "ne'er": "N EH1 R", "ev'ry": "EH1 V R IY0", "heav'n": "HH EH1 V N",
           "'tis": "T IH1 Z", "'twas": "T W AA1 Z", "th": "DH", "wand'ring": "W AA1 N D R IH0 NG",
           "thou": "DH AW1", "thy": "DH AY1", "thine": "DH AY1 N", "hath": "HH AE1 TH", "doth": "D AH1 TH",
           "o": "OW1", "oft": "AO1 F T", "ere": "EH1 R", "twain": "T W EY1 N"}  # fmt: skip


def words_of(line: str) -> list[tuple[str, int, int]]:
    """Return the words of a line, in lower case with a straight apostrophe, and where they begin and end."""
    found = (match for match in _WORD.finditer(line))
    return [(match[0].lower().replace("’", "'"), match.start(), match.end()) for match in found]


@cache
def pronunciations(word: str) -> tuple[Phones, ...]:
    """Return the ways to say a word in lower case, the usual one first; there is always one."""
    known = _dictionary().get(word) or _dictionary().get(word.strip("'"))
    return tuple(tuple(phones.split()) for phones in known) if known else (_guessed(word),)


def is_known(word: str) -> bool:
    """Return whether the dictionary has a word."""
    return word in _dictionary()


@cache
def syllables(word: str, *, elided: bool = False) -> tuple[int, ...]:
    """Return the numbers of syllables a word may have, the usual one first.

    Where one vowel slides into the next ("flower" as one, "every" as two), poets may count one less: ``elided``.
    """
    counts = [_count(phones) for phones in pronunciations(word)]
    if elided:
        counts += [_count(phones) - 1 for phones in pronunciations(word) if _slides(phones)]
    return tuple(dict.fromkeys(max(1, count) for count in counts))


def line_syllables(line: str, *, elided: bool = False) -> range:
    """Return the least to the greatest number of syllables that a line may have."""
    each = [syllables(word, elided=elided) for word, _, _ in words_of(line)]
    return range(sum(map(min, each)), sum(map(max, each)) + 1)


def usual_syllables(line: str) -> int:
    """Return how many syllables a line has as its words are usually said."""
    return sum(syllables(word)[0] for word, _, _ in words_of(line))


def rhyme(first: str, second: str) -> bool:
    """Return whether two words rhyme; a word does not rhyme with itself.

    Accepted are perfect rhymes (the same from the last stressed vowel on), rhymes of a stressed with an unstressed last
    syllable ("free", "memory"), and eye rhymes, which tradition allows ("love", "prove"): the letters alike from the
    vowel on, the last three if one word has one syllable, else the last four.
    """
    if first == second:
        return False
    if rhyme_parts(first) & rhyme_parts(second):
        return True
    mine, others = _last_syllables(first), _last_syllables(second)
    light = {sound for sound, _ in mine} & {sound for sound, _ in others}
    if any((sound, True) in mine | others for sound in light):
        return True
    letters = 3 if min(*syllables(first), *syllables(second)) == 1 else 4
    return min(len(first), len(second)) >= letters and first[-letters:] == second[-letters:] and first[-letters] in _EYE


def rhyme_parts(word: str) -> set[Phones]:
    """Return what a word rhymes by: its sounds from the last stressed vowel on, without the stress."""
    return {_bare(phones[_last_stressed(phones) :]) for phones in pronunciations(word)}


@cache
def rhyming(word: str) -> tuple[str, ...]:
    """Return the common words that rhyme perfectly with a word."""
    by_part, parts = _common_by_rhyme(), sorted(rhyme_parts(word))
    return tuple(dict.fromkeys(other for part in parts for other in by_part.get(part, ()) if other != word))


def stresses(word: str) -> tuple[str, ...]:
    """Return its ways to be stressed, a 1 or 0 for each syllable; a word of one syllable is stressed or not."""
    found = ["".join("1" if phone[-1] in "12" else "0" for phone in phones if phone[-1].isdigit())
             for phones in pronunciations(word)]  # fmt: skip
    return ("1", "0") if len(found[0]) == 1 else tuple(dict.fromkeys(found))


@cache
def _entries() -> tuple[dict[str, tuple[str, ...]], int]:
    """Return the dictionary, common words first, and how many those are."""
    packed = (files("aigc_poem") / "data" / "english.txt.xz").read_bytes()
    common, _, others = lzma.decompress(packed).decode("utf-8").partition("\n\n")
    table: dict[str, tuple[str, ...]] = {}
    _read(common, table)
    size = len(table)
    _read(others, table)
    for word, phones in _POETIC.items():
        table[word] = (phones, *table.get(word, ()))
    return table, size


def _read(text: str, table: dict[str, tuple[str, ...]]) -> None:
    for line in text.splitlines():
        word, _, phones = line.partition(" ")
        table[word] = (*table.get(word, ()), phones)


def _dictionary() -> dict[str, tuple[str, ...]]:
    return _entries()[0]


@cache
def _common_by_rhyme() -> dict[Phones, list[str]]:
    table, size = _entries()
    found: dict[Phones, list[str]] = {}
    for word, _ in zip(table, range(size), strict=False):
        if word.isalpha() and _VOWELS.search(word):
            phones = tuple(table[word][0].split())  # only as it is usually said
            found.setdefault(_bare(phones[_last_stressed(phones) :]), []).append(word)
    return found


def _guessed(word: str) -> Phones:
    """Say a word that is not in the dictionary: by its parts, by its ending, by its vowels."""
    table = _dictionary()
    for suffix, phones in _SUFFIXES.items():
        stem = word.removesuffix(suffix)
        if stem != word and len(stem) >= _LEAST_STEM:
            for known in (stem, stem + "e"):
                if known in table:
                    return pronunciations(known)[0] + phones
    for at in range(len(word) - _LEAST_STEM, _LEAST_STEM - 1, -1):
        if word[:at] in table and word[at:] in table:
            return pronunciations(word[:at])[0] + pronunciations(word[at:])[0]
    return _by_vowels(word)


def _by_vowels(word: str) -> Phones:
    """Take as many syllables as there are groups of vowels, and the sounds of a word that ends alike."""
    groups = len(_VOWELS.findall(word)) - bool(_SILENT.search(word) and len(word) > _LEAST_STEM)
    ending = next((found for size in range(_LONGEST_ENDING, 1, -1) if (found := _endings().get(word[-size:]))), None)
    tail = ending or ("AH1",)
    tail = tail[_last_stressed(tail) :]
    missing = max(0, groups - _count(tail))
    return ("AH0",) * missing + tail


@cache
def _endings() -> dict[str, Phones]:
    """Return for each ending of common words how the first word with it sounds."""
    table, size = _entries()
    found: dict[str, Phones] = {}
    for word, _ in zip(table, range(size), strict=False):
        for length in range(2, min(_LONGEST_ENDING, len(word)) + 1):
            found.setdefault(word[-length:], tuple(table[word][0].split()))
    return found


def _count(phones: Iterable[str]) -> int:
    return sum(phone[-1].isdigit() for phone in phones)


def _slides(phones: Phones) -> bool:
    """Whether two vowels may join: one before an unstressed one, or an unstressed one that R, L or N follows."""
    for at in range(len(phones) - 1):
        here, after = phones[at], phones[at + 1]
        if here[-1].isdigit() and after[-1] == "0":
            return True
        if here in {"AH0", "ER0"} and at and after in {"R", "IY0", "L", "N"} and at + 2 < len(phones):
            return True
    return False


def _last_stressed(phones: Phones) -> int:
    stressed = [at for at, phone in enumerate(phones) if phone[-1] in "12"]
    vowels = [at for at, phone in enumerate(phones) if phone[-1].isdigit()]
    return (stressed or vowels or [0])[-1]


def _last_syllables(word: str) -> set[tuple[Phones, bool]]:
    """Return the sounds from the last vowel on, without the stress, and whether it is stressed."""
    found = set()
    for phones in pronunciations(word):
        at = max((i for i, phone in enumerate(phones) if phone[-1].isdigit()), default=0)
        found.add((_bare(phones[at:]), phones[at][-1] in "12"))
    return found


def _bare(phones: Phones) -> Phones:
    """Drop the stress, and write "beer" as "here": the dictionary has both IY R and IH R for the same sound."""
    bare = [phone.rstrip("012") for phone in phones]
    return tuple(
        "IY" if phone == "IH" and after == "R" else phone for phone, after in zip(bare, [*bare[1:], ""], strict=True)
    )
