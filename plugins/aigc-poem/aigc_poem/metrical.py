"""The checks of English forms: lines, syllables, rhymes, first letters; and what meter there is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from aigc_poem.english import is_known, line_syllables, rhyme, stresses, usual_syllables, words_of
from aigc_poem.forms import EnglishForm
from aigc_poem.texts import say
from aigc_poem.verse import Fault

_FEET = {"iambic": "01", "trochaic": "10", "anapestic": "001", "dactylic": "100"}
_MOST_WAYS = 64  # of stressing a line, from which the best is taken


def check_english(
    lines: Sequence[str], form: EnglishForm, heads: str, language: str
) -> tuple[list[Fault], dict[str, object]]:
    """Return what is wrong with a poem, and what was found out about it."""
    if not lines or not any(map(words_of, lines)):
        return [Fault(say("empty", language))], {}
    wanted = form.lines or (len(heads) if heads else 0)
    faults = []
    if wanted and len(lines) != wanted:
        faults.append(Fault(say("lines", language, found=len(lines), wanted=wanted)))
    for index, line in enumerate(lines):
        faults += syllable_faults(index, line, form, language)
    faults += _head_faults(lines, heads, language)
    scheme, unrhymed = _nearest_scheme(lines, form, language)
    faults += unrhymed
    unknown = sorted({word for line in lines for word, _, _ in words_of(line) if not is_known(word)})
    facts: dict[str, object] = {
        "syllables": [usual_syllables(line) for line in lines],
        "meter": meter(lines),
        "unknown_words": unknown,
    }
    if scheme:
        facts["scheme"] = scheme
    return faults, facts


def syllable_faults(index: int, line: str, form: EnglishForm, language: str) -> list[Fault]:
    """Return the fault of a line that has too many or too few syllables."""
    span = form.span(index)
    counts = line_syllables(line, elided=form.elided)
    if span is None or (counts.start <= span[1] and counts[-1] >= span[0]):
        return []
    wanted = str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"
    problem = say("syllables", language, line=index + 1, found=usual_syllables(line), wanted=wanted)
    return [Fault(problem, index, 0, len(line))]


def full_scheme(scheme: str, lines: int) -> str:
    """Return a rhyme scheme for so many lines: one that is shorter starts again with new rhymes."""
    letters, whole = "", ""
    while scheme and len(whole) < lines:
        base = len(letters)
        letters += "".join(chr(ord("A") + base + i) for i in range(len(set(scheme) - {"x"})))
        whole += "".join("x" if c == "x" else letters[base + ord(c) - ord("A")] for c in scheme)
    return whole[:lines]


def partners(scheme: str, index: int) -> list[int]:
    """Return the earlier lines with which a line has to rhyme."""
    return [at for at in range(index) if scheme[at] == scheme[index] != "x"]


def last_word(line: str) -> str:
    """Return the word a line rhymes with; empty for none."""
    words = words_of(line)
    return words[-1][0] if words else ""


def meter(lines: Sequence[str]) -> str:
    """Return the meter that fits most syllables, with how many in a hundred; empty if there is none to speak of."""
    totals = dict.fromkeys(_FEET, 0)
    syllables = 0
    for line in lines:
        ways = _ways(line)
        syllables += len(ways[0]) if ways else 0
        for name, foot in _FEET.items():
            totals[name] += max((_agreement(way, foot) for way in ways), default=0)
    if not syllables:
        return ""
    best = max(_FEET, key=lambda name: totals[name])
    return f"{best} {100 * totals[best] // syllables}%"


def _ways(line: str) -> list[str]:
    each = [stresses(word) if len(stresses(word)[0]) > 1 else ("?",) for word, _, _ in words_of(line)]
    return ["".join(way) for way, _ in zip(product(*each), range(_MOST_WAYS), strict=False)]


def _agreement(way: str, foot: str) -> int:
    """Count the syllables that are as the foot has them; those of short words are as the verse wants them."""
    return max(
        sum(found in ("?", foot[(at + shift) % len(foot)]) for at, found in enumerate(way))
        for shift in ((0, 1) if len(foot) == 3 else (0,))
    )


def _nearest_scheme(lines: Sequence[str], form: EnglishForm, language: str) -> tuple[str, list[Fault]]:
    """Return the scheme that the lines come nearest to, with the lines that do not keep to it."""
    judged = [
        (scheme, _rhyme_faults(lines, scheme, form, language))
        for scheme in (full_scheme(known, len(lines)) for known in form.schemes)
    ]
    return min(judged, key=lambda verdict: len(verdict[1]), default=("", []))


def _rhyme_faults(lines: Sequence[str], scheme: str, form: EnglishForm, language: str) -> list[Fault]:
    faults = []
    for index, line in enumerate(lines):
        before = partners(scheme, index)
        if not before or not words_of(line):
            continue
        word, start, end = words_of(line)[-1]
        others = [last_word(lines[at]) for at in before]
        if word in others and not form.repeats:
            faults.append(Fault(say("same-word", language, line=index + 1, word=word), index, start, end))
        elif not any(word == other or rhyme(word, other) for other in others):
            params = {"line": index + 1, "word": word, "other": others[0], "anchor": before[0] + 1}
            faults.append(Fault(say("rhyme-en", language, **params), index, start, end))
    return faults


def _head_faults(lines: Sequence[str], heads: str, language: str) -> list[Fault]:
    faults = []
    for index, (line, head) in enumerate(zip(lines, heads, strict=False)):
        first = next((character for character in line if character.isalpha()), "")
        if first.lower() != head.lower():
            at = line.find(first) if first else 0
            params = {"line": index + 1, "found": first, "wanted": head}
            faults.append(Fault(say("head", language, **params), index, at, at + 1))
    return faults
