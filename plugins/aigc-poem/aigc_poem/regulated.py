"""The checks of Chinese forms: 绝句 and 律诗, 对联, 藏头诗."""

from __future__ import annotations

from collections.abc import Sequence

from aigc_poem.hanzi import LEVEL, OBLIQUE, Sounds
from aigc_poem.patterns import Scheme, schemes
from aigc_poem.texts import say
from aigc_poem.verse import Fault

_EITHER = "中"


def check_regulated(
    lines: Sequence[str], width: int, count: int, sounds: Sounds, language: str
) -> tuple[list[Fault], dict[str, object]]:
    """Return what is wrong with a 绝句 or 律诗 of ``count`` lines, and what was found out about it.

    It is held against the four schemes; the one with the fewest faults counts.
    """
    faults = _counts(lines, width, count, language)
    if faults:
        return faults, {}
    judged: list[tuple[int, list[Fault], dict[str, object]]] = []
    for scheme in schemes(width, count):
        endings = [lines[index][-1] for index in scheme.rhyming]
        rhyme = best_rhyme(endings, sounds)
        found = tone_faults(lines, scheme, sounds, language)
        found += rhyme_faults(lines, scheme.rhyming, rhyme, sounds, language)
        judged.append((len(found), found, {"scheme": scheme.name, "rhyme": rhyme}))
    _, faults, facts = min(judged, key=lambda verdict: verdict[0])
    return sorted(faults, key=lambda fault: (fault.line or 0, fault.start)), facts


def check_couplet(lines: Sequence[str], sounds: Sounds, language: str) -> list[Fault]:
    """Return what is wrong with a 对联: equally long, opposed at even places and the end, which is 仄 and then 平."""
    if len(lines) != 2:
        return [Fault(say("lines", language, found=len(lines), wanted=2))]
    upper, lower = lines
    if len(upper) != len(lower):
        return [Fault(say("unequal", language, first=len(upper), second=len(lower)))]
    faults = []
    for index, tone in enumerate((OBLIQUE, LEVEL)):
        if tone not in sounds.tones(lines[index][-1]):
            faults.append(_ending(lines, index, tone, language))
    for at in range(1, len(upper) - 1, 2):
        if not _opposed(upper[at], lower[at], sounds):
            problem = say("opposed", language, first=upper[at], second=lower[at], place=at + 1)
            faults.append(Fault(problem, 1, at, at + 1))
    for at, (first, second) in enumerate(zip(upper, lower, strict=True)):
        if first == second:
            faults.append(Fault(say("same", language, char=first, place=at + 1), 1, at, at + 1))
    return faults


def check_heads(lines: Sequence[str], heads: str, sounds: Sounds, language: str) -> tuple[list[Fault], str]:
    """Return what is wrong with a 藏头诗, and its rhyme: the heads, lines of 5 or 7, even ones rhyming."""
    width = len(lines[0]) if lines and len(lines[0]) in (5, 7) else 7
    faults = _counts(lines, width, len(heads) or len(lines), language)
    for index, (line, head) in enumerate(zip(lines, heads, strict=False)):
        if line[0] != head:
            faults.append(Fault(say("head", language, line=index + 1, found=line[0], wanted=head), index, 0, 1))
    rhyming = tuple(range(1, len(lines), 2))
    rhyme = best_rhyme([lines[index][-1] for index in rhyming], sounds)
    return faults + rhyme_faults(lines, rhyming, rhyme, sounds, language), rhyme


def best_rhyme(endings: Sequence[str], sounds: Sounds) -> str:
    """Return the rhyme that most of the last characters have; empty if none has any."""
    counts: dict[str, float] = {}
    for weight, ending in zip([0.5, *[1.0] * len(endings)], endings, strict=False):  # the first may borrow another
        for rhyme in sorted(sounds.rhymes(ending)):
            counts[rhyme] = counts.get(rhyme, 0) + weight
    return max(counts, key=lambda rhyme: counts[rhyme], default="")


def rhyme_faults(
    lines: Sequence[str], rhyming: Sequence[int], rhyme: str, sounds: Sounds, language: str
) -> list[Fault]:
    """Return the lines of ``rhyming`` that do not have ``rhyme``; the first line of a poem may have one near it."""
    faults, seen = [], set()
    for index in rhyming:
        ending, last = lines[index][-1], len(lines[index]) - 1
        wanted = sounds.near(rhyme) if index == 0 else {rhyme}
        if sounds.known(ending) and not sounds.rhymes(ending) & wanted:
            problem = say("rhyme-zh", language, line=index + 1, char=ending, rhyme=rhyme)
            faults.append(Fault(problem, index, last, last + 1))
        elif ending in seen:
            faults.append(Fault(say("rhyme-twice", language, char=ending), index, last, last + 1))
        seen.add(ending)
    return faults


def tone_faults(lines: Sequence[str], scheme: Scheme, sounds: Sounds, language: str) -> list[Fault]:
    """Return the characters whose tones no pattern for their line tolerates, from the pattern nearest to them."""
    faults: list[Fault] = []
    for index, line in enumerate(lines):
        if _rescued(lines, index, scheme, sounds):
            continue
        ways = [_misfits(line, pattern, sounds) for pattern in scheme.tolerated(index)]
        wrong = min(ways, key=len)
        if len(wrong) == 1 and (whole := _named(line, scheme.kinds[index], sounds)):
            faults.append(Fault(say(whole, language, line=index + 1), index, wrong[0][0], wrong[0][0] + 1))
            continue
        for at, tone in wrong:
            name = say("level" if tone == LEVEL else "oblique", language)
            problem = say("tone", language, line=index + 1, place=at + 1, char=line[at], tone=name)
            faults.append(Fault(problem, index, at, at + 1))
    return faults


def _rescued(lines: Sequence[str], index: int, scheme: Scheme, sounds: Sounds) -> bool:
    pair = scheme.broken(index)
    if pair is None:
        return False
    return not _misfits(lines[index], pair[0], sounds) and not _misfits(lines[index + 1], pair[1], sounds)


def _misfits(line: str, pattern: str, sounds: Sounds) -> list[tuple[int, str]]:
    return [
        (at, tone)
        for at, (character, tone) in enumerate(zip(line, pattern, strict=True))
        if tone != _EITHER and tone not in sounds.tones(character)
    ]


def _named(line: str, kind: str, sounds: Sounds) -> str:
    """Return "lone" for 孤平, "triple" for 三平尾, and else nothing; both are of one character."""
    tail = line[-5:]
    if kind == "B" and not _misfits(tail, "仄平仄仄平", sounds):
        return "lone"
    return "triple" if kind == "A" and not _misfits(tail, "中仄平平平", sounds) else ""


def _counts(lines: Sequence[str], width: int, count: int, language: str) -> list[Fault]:
    if not lines:
        return [Fault(say("empty", language))]
    faults = [] if len(lines) == count else [Fault(say("lines", language, found=len(lines), wanted=count))]
    for index, line in enumerate(lines):
        if len(line) != width:
            problem = say("characters", language, line=index + 1, found=len(line), wanted=width)
            faults.append(Fault(problem, index, 0, len(line)))
    return faults


def _ending(lines: Sequence[str], index: int, tone: str, language: str) -> Fault:
    name = say("level" if tone == LEVEL else "oblique", language)
    problem = say("ending", language, line=index + 1, char=lines[index][-1], tone=name)
    return Fault(problem, index, len(lines[index]) - 1, len(lines[index]))


def _opposed(first: str, second: str, sounds: Sounds) -> bool:
    mine, other = sounds.tones(first), sounds.tones(second)
    return (LEVEL in mine and OBLIQUE in other) or (OBLIQUE in mine and LEVEL in other)
