"""Counting, splitting, cleaning and cutting text, English and Chinese alike.

A *unit* is what a length is counted in: a Chinese character (字), or a word of a script with spaces. Punctuation is
not counted. A *text* here is paragraphs, parted by blank lines; a paragraph is sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\U00020000-\U0003134f"
_UNIT = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+(?:['’.-][^\W_{_HAN}]+)*")
_END = re.compile(rf"(?:[。！？]|…+)+[”’」』）》]*\s*|[.!?]+[\"”’')\]]*(?:\s+|$|(?=[{_HAN}]))")
_ABBREVIATION = re.compile(r"(?:\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|No|vs|etc|approx|e\.g|i\.e|U\.S|a\.m|p\.m))\.\s*$")
_CLAUSE_END = re.compile(r"[，、；：,;:]\s*")
_MARK = re.compile(r"^\s*(?:[-*+•·>]|\(?\d{1,2}[.)、．]|[一二三四五六七八九十]+、)\s*")
_MARKUP = re.compile(r"\*\*|__|`+")
_HEADING = re.compile(r"^\s*(?:#|-{3,}|={3,}|```)")
_PREAMBLE = re.compile(
    r"^\s*(?:(?:sure|certainly|of course|okay|absolutely)\b[^.:!\n]*[.:!]\s*"
    r"|(?:here(?:'s|’s| is| are)|below is)\b[^:.\n]*[:.]\s*"
    r"|(?:好的|当然|没问题)[^。：！\n]*[。：！]\s*|(?:以下|下面)是[^。：\n]*[。：]\s*)+",
    re.IGNORECASE,
)
_REMARK = re.compile(
    # what a small model repeats of the prompt
    r"^(?:article|sections?|points?|key points|already said|so far it ends|notes?)\b[^.:]{0,20}:"
    r"|^(?:文章|各节|本节|要点|资料|已经写到)[^。：]{0,20}："
    # what it says to the one who asked, or about its own text
    r"|^(?:I hope|I'm sorry|I apologize|let me know|please (?:let me know|note)|as an AI|if there is anything else)\b"
    r"|\b(?:this|the|our|my)(?: original)? (?:article|section|essay|passage|outline|paragraph|text|sentence)\b"
    r"|^(?:希望(?:这|以上|对你)|作为(?:一个)?(?:AI|人工智能)|如有(?:其他)?(?:问题|需要))"
    r"|(?:本|这|该|此)(?:文|节|小节|篇文章)[主将会介就讨着探]",
    re.IGNORECASE,
)


def units(text: str) -> list[str]:
    """Return the units of ``text`` in their order, without regard to case."""
    return [unit.casefold() for unit in _UNIT.findall(text)]


def length(text: str) -> int:
    """Return how many units ``text`` has."""
    return len(_UNIT.findall(text))


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of ``text``; a line end ends one."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def sentences(paragraph: str) -> list[str]:
    """Return the sentences of a paragraph with the space after each; the last one may be unfinished."""
    found, start = [], 0
    for match in _END.finditer(paragraph):
        if not _ABBREVIATION.search(paragraph[start : match.end()]):
            found.append(paragraph[start : match.end()])
            start = match.end()
    return [*found, paragraph[start:]] if start < len(paragraph) else found


def is_finished(sentence: str) -> bool:
    """Return whether a sentence has its end."""
    return bool(_END.search(sentence)) and _END.split(sentence)[-1].strip() == ""


def joined(parts: Iterable[Iterable[str]]) -> str:
    """Return the text of paragraphs that are given as their sentences; an empty paragraph leaves nothing."""
    return "\n\n".join(filter(None, ("".join(part).strip() for part in parts)))


def prose(draft: str) -> str:
    """Return the running text in what a model wrote.

    Headings, marks of lists, markup, what a chat says around an answer, and unfinished sentences are left out.
    """
    lines = [line for line in _PREAMBLE.sub("", draft).splitlines() if not _HEADING.match(line)]
    lines = [_MARKUP.sub("", _MARK.sub("", line)) for line in lines]
    parts = [
        [s for s in sentences(line) if is_finished(s) and not _REMARK.search(s)]
        for line in paragraphs("\n".join(lines))
    ]
    return joined(parts)


def balanced(text: str) -> str:
    """Return ``text`` without quotation marks that have lost their counterpart within the paragraph."""
    return "\n\n".join(_balanced(paragraph) for paragraph in paragraphs(text))


def _balanced(paragraph: str) -> str:
    if paragraph.count('"') % 2:
        before, _, after = paragraph.rpartition('"')
        paragraph = before + after
    for begin, end in ("“”", "「」", "『』"):
        while (surplus := paragraph.count(begin) - paragraph.count(end)) > 0:
            before, _, after = paragraph.rpartition(begin)
            paragraph = before + after
        paragraph = paragraph.replace(end, "", -surplus)
    return paragraph


def cut(text: str, target: int) -> str:
    """Return ``text`` up to the end of the sentence at which its length is nearest to ``target`` units."""
    best, best_off, taken = "", target, 0
    parts: list[list[str]] = []
    for paragraph in paragraphs(text):
        parts.append([])
        for sentence in sentences(paragraph):
            parts[-1].append(sentence)
            taken += length(sentence)
            if abs(taken - target) <= best_off:
                best, best_off = joined(parts), abs(taken - target)
    return best


def clipped(line: str, most: int) -> str:
    """Return ``line`` with at most ``most`` units, ended at a clause where one ends there, without its last mark."""
    matches = list(_UNIT.finditer(line))
    if len(matches) > most:
        line = line[: matches[most].start()]
        ends = [match.start() for match in _CLAUSE_END.finditer(line)]
        if ends and ends[-1] > len(line) // 2:
            line = line[: ends[-1]]
    return line.strip().rstrip("，、；：。,;:.")
