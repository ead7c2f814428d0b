"""GBNF grammars that hold Chinese verse to its form while it is decoded.

https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from aigc_poem.hanzi import LEVEL, OBLIQUE, common, sounds

EITHER = "中"
_MARKS = "，。"
_RULES = {LEVEL: "level", OBLIQUE: "oblique", EITHER: "any"}
_FEWEST_RHYMES = 12  # characters that a rhyme must offer


@dataclass(frozen=True, slots=True)
class LinePlan:
    """What one line must be.

    Attributes:
        patterns: Texts of 平, 仄 and 中, one of which the tones must have.
        rhyming: Whether the last character is a rhyme.
        head: The first character, if that is given.
        banned: Characters that may not stand at a place, by place from 0.
    """

    patterns: tuple[str, ...]
    rhyming: bool
    head: str = ""
    banned: Mapping[int, str] = field(default_factory=dict)


def lines_grammar(plans: Sequence[LinePlan], first: int, system: str, rhymes: str) -> str:
    """Return the grammar of consecutive lines, each with its punctuation and an end of line.

    Args:
        plans: What each must be.
        first: The number of the first of them in its poem, from 0.
        system: "xinyun" or "pingshui".
        rhymes: The characters that rhyming lines may end with.
    """
    lines = [f'{_line(plan, system, rhymes)} "{_MARKS[(first + at) % 2]}\\n"' for at, plan in enumerate(plans)]
    rules = [f"root ::= {' '.join(lines)}", f"rhyme ::= [{rhymes}]"]
    rules += [f"{rule} ::= [{tone_class(system, tone)}]" for tone, rule in _RULES.items()]
    return "\n".join(rules) + "\n"


@cache
def tone_class(system: str, tone: str) -> str:
    """Return the common characters that have this tone and no other, or all of them for 中."""
    known = sounds(system)
    return common() if tone == EITHER else "".join(one for one in common() if known.tones(one) == {tone})


@cache
def rhymes_of(system: str) -> dict[str, str]:
    """Return the rhymes that offer enough, with the common characters that are level and have only that rhyme."""
    known = sounds(system)
    found: dict[str, str] = {}
    for one in tone_class(system, LEVEL):
        if len(names := known.rhymes(one)) == 1:
            (name,) = names
            found[name] = found.get(name, "") + one
    return {name: characters for name, characters in found.items() if len(characters) >= _FEWEST_RHYMES}


def _line(plan: LinePlan, system: str, rhymes: str) -> str:
    ways = [" ".join(_places(plan, pattern, system, rhymes)) for pattern in plan.patterns]
    return ways[0] if len(ways) == 1 else f"({' | '.join(ways)})"


def _places(plan: LinePlan, pattern: str, system: str, rhymes: str) -> list[str]:
    places = []
    for at, tone in enumerate(pattern):
        ends = plan.rhyming and at == len(pattern) - 1
        if at == 0 and plan.head:
            places.append(f'"{plan.head}"')
        elif banned := plan.banned.get(at):
            allowed = rhymes if ends else tone_class(system, tone)
            places.append(f"[{''.join(one for one in allowed if one not in banned)}]")
        else:
            places.append("rhyme" if ends else _RULES[tone])
    return places
