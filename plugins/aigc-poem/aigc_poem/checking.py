"""The check of a verse that anyone wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aigc_cli.api import Check, OptionValue
from aigc_poem.forms import CHINESE, ENGLISH, form_name
from aigc_poem.hanzi import sounds
from aigc_poem.metrical import check_english
from aigc_poem.regulated import check_couplet, check_heads, check_regulated
from aigc_poem.texts import say
from aigc_poem.verse import Fault, chinese_lines, lines_of, marked


def check_poem(text: str, options: Mapping[str, OptionValue], language: str) -> Check:
    """Return whether ``text`` keeps to the form that the options name, with marks under what does not."""
    name = form_name(options.get("form"), language)
    heads = "".join(str(options.get("head") or "").split())
    if name in ENGLISH:
        lines = lines_of(text)
        faults, facts = check_english(lines, ENGLISH[name], heads if name == "acrostic" else "", language)
    else:
        lines = chinese_lines(text)
        faults, facts = _check_chinese(lines, name, heads, str(options.get("rhymes") or ""), language)
    return Check(
        valid=not faults,
        problems=tuple(fault.problem for fault in faults),
        marked=marked(lines, faults),
        notes=_notes(name, facts, language),
        facts={"form": name, **facts},
    )


def _notes(name: str, facts: Mapping[str, object], language: str) -> tuple[str, ...]:
    """Say what pattern the verse has, where there is one to speak of."""
    if name in CHINESE and "scheme" in facts:
        return (say("tones-are", language, scheme=facts["scheme"], rhyme=facts["rhyme"]),)
    if name in ENGLISH and ENGLISH[name].schemes and facts.get("meter"):
        return (say("meter-is", language, scheme=facts["scheme"], meter=facts["meter"]),)
    return ()


def _check_chinese(
    lines: Sequence[str], name: str, heads: str, system: str, language: str
) -> tuple[list[Fault], dict[str, object]]:
    form, known = CHINESE[name], sounds(system)
    facts: dict[str, object] = {"rhymes": known.name}
    if name == "duilian":
        return check_couplet(lines, known, language), facts
    if name == "cangtou":
        faults, rhyme = check_heads(lines, heads, known, language)
        return faults, {**facts, "rhyme": rhyme, "heads": "".join(line[0] for line in lines)}
    faults, more = check_regulated(lines, form.width, form.lines, known, language)
    return faults, {**facts, **more}
