"""Writing Chinese verse: the form is held by grammar, the model chooses the words, the likeliest draft is taken.

The first lines are written one at a time, until scheme and rhyme are settled by what the model likes; the
rest is drawn as a whole. What is then still wrong, such as a rhyme used twice, is written again line by line.
"""

from __future__ import annotations

from collections.abc import Generator as Coroutine
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aigc_cli.api import Artifact, Brief, Completion, Flow, Report, Step, UsageProblem
from aigc_poem.checking import check_poem
from aigc_poem.chinese_grammar import EITHER, LinePlan, lines_grammar, rhymes_of
from aigc_poem.drawing import Pen, appeal, pen
from aigc_poem.forms import CHINESE
from aigc_poem.hanzi import LEVEL, OBLIQUE, Sounds, is_hanzi, sounds
from aigc_poem.patterns import Scheme, couplets, schemes
from aigc_poem.texts import say
from aigc_poem.verse import chinese_lines

_CANDIDATES = 4
_TOKENS_PER_CHARACTER = 5  # a character may be several tokens, of a model that knows little Chinese
_REPAIRS = 3  # rounds
_HEADS = range(2, 17)
_UPPER = range(4, 12)

Settling = Coroutine[Step, Any, None]


@dataclass
class _Poem:
    """A poem while it is written.

    Attributes:
        ways: What it may become: the plans of all lines, for each scheme that is still open.
        rhyme: The name of its rhyme; empty until a line has settled it.
    """

    system: str
    ways: list[tuple[LinePlan, ...]]
    rhyme: str
    lines: list[str] = field(default_factory=list)
    turn: str = ""

    @property
    def size(self) -> int:
        """How many lines it will have."""
        return len(self.ways[0])

    def rhymes(self) -> str:
        """Return the characters that a rhyming line may end with: those of the rhyme that are not yet used."""
        known = rhymes_of(self.system)
        allowed = known[self.rhyme] if self.rhyme else "".join(known.values())
        return "".join(one for one in allowed if one not in {line[-1] for line in self.lines})

    def written(self) -> str:
        """Return the lines as text, with punctuation."""
        return "".join(f"{line}{'，。'[at % 2]}\n" for at, line in enumerate(self.lines))

    def settle(self, line: str) -> None:
        """Add a line, and drop what it rules out."""
        at, known = len(self.lines), sounds(self.system)
        self.lines.append(line)
        fitting = [way for way in self.ways if _fits(line, way[at], known)]
        self.ways = fitting or self.ways
        if self.ways[0][at].rhyming and not self.rhyme:
            owners = [name for name, characters in rhymes_of(self.system).items() if line[-1] in characters]
            self.rhyme = owners[0] if owners else ""


def write_chinese(brief: Brief, form: str) -> Flow:
    """Write a poem in one of the Chinese forms.

    Raises:
        UsageProblem: if the options do not suit the form.
    """
    options = brief.options
    poem, variables = _begin(brief, form)
    tool = pen(brief, _template(brief, form), variables, _CANDIDATES)
    yield Report(0, poem.size)
    while len(poem.lines) < poem.size and (len(poem.ways) > 1 or not poem.rhyme) and len(poem.lines) < 2:
        yield from _line(tool, poem, kept=len(poem.lines) == poem.size - 1)
        yield Report(len(poem.lines), poem.size)
    if len(poem.lines) < poem.size:
        yield from _rest(tool, poem)
    heads = "".join(plan.head for plan in poem.ways[0])
    checking = {**options, "form": form, "head": heads or None}
    yield from _repair(tool, poem)
    text = poem.written().rstrip("\n")
    return Artifact("poem", brief.topic, text, check_poem(text, checking, brief.language), turn=poem.turn)


def _template(brief: Brief, form: str) -> str:
    return "duilian.zh" if form == "duilian" and brief.options["upper"] else CHINESE[form].template


def _begin(brief: Brief, form: str) -> tuple[_Poem, dict[str, str]]:
    """Return the poem before its first line, and the variables of its template."""
    options, system = brief.options, str(brief.options["rhymes"])
    width = CHINESE[form].width or int(str(options["width"]))
    rhyme = _rhyme(options["rhyme"], system, brief.language)
    variables = {"input": brief.topic}
    if form == "cangtou":
        heads = _heads(brief)
        return _Poem(system, [_acrostic(heads, width)], rhyme), {**variables, "heads": heads, "width": str(width)}
    if form == "duilian":
        if upper := str(options["upper"] or ""):
            return _answering(upper, system, brief.language), {"input": upper}
        return _Poem(system, [_plans(scheme) for scheme in couplets(width)], ""), {**variables, "width": str(width)}
    open_ways = [_plans(scheme) for scheme in schemes(width, CHINESE[form].lines)]
    return _Poem(system, open_ways, rhyme), {**variables, "form": form}


def _line(tool: Pen, poem: _Poem, *, kept: bool) -> Settling:
    """Write the next line, of any scheme that is still open; the likeliest draft settles which."""
    at = len(poem.lines)
    plans = {(way[at].patterns, way[at].rhyming): way[at] for way in poem.ways}
    plans = {key: _unlike(plan, poem) for key, plan in plans.items()}
    rules = [lines_grammar([plan], at, poem.system, poem.rhymes()) for plan in plans.values()]
    grammar = rules[0] if len(rules) == 1 else _either(rules)
    drafts = yield from tool.draw(
        poem.written(), grammar=grammar, tokens=_tokens(poem, 1), label=f"{at + 1}/{poem.size}", kept=kept
    )
    best = max(drafts, key=lambda draft: _appeal(draft, poem.lines, chinese_lines(tool.examples())))
    poem.turn = best.turn or poem.turn
    poem.settle(_first_line(best) or " ")


def _rest(tool: Pen, poem: _Poem) -> Settling:
    """Write all lines that are missing, several times, and take the likeliest."""
    at = len(poem.lines)
    grammar = lines_grammar(poem.ways[0][at:], at, poem.system, poem.rhymes())
    missing = poem.size - at
    drafts = yield from tool.draw(
        poem.written(), grammar=grammar, tokens=_tokens(poem, missing), label=f"{at + 1}-{poem.size}", kept=True
    )
    best = max(
        drafts, key=lambda draft: (_distinct(poem, draft), _appeal(draft, poem.lines, chinese_lines(tool.examples())))
    )
    poem.lines += chinese_lines(best.text)[:missing]
    poem.turn = best.turn


def _repair(tool: Pen, poem: _Poem) -> Settling:
    """Write lines that repeat a rhyme again, the others fixed."""
    for _ in range(_REPAIRS):
        faulty = [at for at, line in enumerate(poem.lines) if _repeats(poem, at, line)]
        if not faulty:
            return
        at = faulty[0]
        others = [line for index, line in enumerate(poem.lines) if index != at]
        before = replace(poem, lines=poem.lines[:at])
        taken = {line[-1] for line in others}
        endings = "".join(one for one in before.rhymes() if one not in taken)
        grammar = lines_grammar([poem.ways[0][at]], at, poem.system, endings)
        drafts = yield from tool.draw(
            before.written(), grammar=grammar, tokens=_tokens(poem, 1), label=f"{at + 1}/{poem.size}", kept=False
        )
        poem.lines[at] = (
            _first_line(max(drafts, key=lambda draft: _appeal(draft, others, chinese_lines(tool.examples()))))
            or poem.lines[at]
        )


def _repeats(poem: _Poem, at: int, line: str) -> bool:
    plans = poem.ways[0]
    return plans[at].rhyming and any(
        plans[index].rhyming and other[-1] == line[-1] for index, other in enumerate(poem.lines[:at])
    )


def _distinct(poem: _Poem, draft: Completion) -> bool:
    lines = poem.lines + chinese_lines(draft.text)
    endings = [line[-1] for line, plan in zip(lines, poem.ways[0], strict=False) if plan.rhyming]
    return len(endings) == len(set(endings))


def _appeal(draft: Completion, lines: Sequence[str], examples: Sequence[str]) -> float:
    """Prefer what is likely, does not use its characters again, and is not what the prompt shows."""
    pieces = [piece for line in chinese_lines(draft.text) for piece in (*line, *_pairs(line))]
    before = [piece for line in lines for piece in (*line, *_pairs(line))]
    return appeal(draft, pieces, before + [pair for line in examples for pair in _pairs(line)])


def _pairs(line: str) -> list[str]:
    return [line[at : at + 2] for at in range(len(line) - 1)]


def _first_line(draft: Completion) -> str:
    return next(iter(chinese_lines(draft.text)), "")


def _tokens(poem: _Poem, lines: int) -> int:
    return lines * (len(poem.ways[0][0].patterns[0]) + 2) * _TOKENS_PER_CHARACTER


def _plans(scheme: Scheme) -> tuple[LinePlan, ...]:
    rhyming = scheme.rhyming
    return tuple(LinePlan(scheme.taught(at), at in rhyming) for at in range(len(scheme.kinds)))


def _acrostic(heads: str, width: int) -> tuple[LinePlan, ...]:
    """Even lines rhyme, the others but the first end oblique, which keeps them apart."""
    plans = []
    for at, head in enumerate(heads):
        last = LEVEL if at % 2 else OBLIQUE
        plans.append(LinePlan((EITHER * (width - 1) + last,), bool(at % 2), head))
    return tuple(plans)


def _answering(upper: str, system: str, language: str) -> _Poem:
    """Return a couplet of which the first line is given: the second is opposed to it at even places and at the end."""
    line = "".join(filter(is_hanzi, upper))
    if len(line) not in _UPPER:
        raise UsageProblem(detail=say("bad-upper", language))
    known = sounds(system)
    tones = [EITHER if at % 2 == 0 else _opposite(one, known) for at, one in enumerate(line)]
    given = LinePlan((EITHER * len(line),), rhyming=False)
    answer = LinePlan(("".join(tones[:-1]) + LEVEL,), rhyming=True, banned=dict(enumerate(line)))
    return _Poem(system, [(given, answer)], "", [line])


def _opposite(character: str, known: Sounds) -> str:
    tones = known.tones(character)
    return EITHER if len(tones) > 1 else {LEVEL: OBLIQUE, OBLIQUE: LEVEL}[min(tones)]


def _unlike(plan: LinePlan, poem: _Poem) -> LinePlan:
    """Keep the second line of a couplet from having a character of the first in its place."""
    is_couplet = poem.size == 2 and len(poem.lines) == 1
    return replace(plan, banned=dict(enumerate(poem.lines[0]))) if is_couplet else plan


def _either(grammars: Sequence[str]) -> str:
    """Return the grammar of any of several lines, whose other rules are the same."""
    roots = [grammar.partition("\n")[0].partition("::=")[2] for grammar in grammars]
    return f"root ::= {' | '.join(roots)}\n{grammars[0].partition(chr(10))[2]}"


def _fits(line: str, plan: LinePlan, known: Sounds) -> bool:
    return any(
        len(line) == len(pattern)
        and all(tone == EITHER or tone in known.tones(one) for one, tone in zip(line, pattern, strict=True))
        for pattern in plan.patterns
    )


def _heads(brief: Brief) -> str:
    heads = "".join(filter(is_hanzi, str(brief.options["head"] or brief.topic)))
    if len(heads) not in _HEADS:
        raise UsageProblem(detail=say("no-heads", brief.language))
    return heads


def _rhyme(given: object, system: str, language: str) -> str:
    known = rhymes_of(system)
    found = [name for name in known if given and str(given) in (name, name.lstrip("一二三四五六七八九十"))]
    if given and not found:
        raise UsageProblem(detail=say("no-rhyme", language, name=given, known=" ".join(known)))
    return found[0] if found else ""
