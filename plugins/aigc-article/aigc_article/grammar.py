"""Grammars (GBNF) that hold what a model writes to its form, so that even a small one keeps it."""

from __future__ import annotations

_PLAIN = r"#|`*_<>\[\]{}\\~^="  # characters of markup, which prose does without
_RULES = {
    "en": rf"""
sentence ::= [A-Z"“] character{{12,260}} [.!?]
character ::= [^.!?\x00-\x1F{_PLAIN}] | "." [0-9a-z]
space ::= " "
""",
    "zh": r"""
sentence ::= [一-鿿“《「] character{4,90} [。！？]
character ::= [㐀-鿿，、；：—…·“”‘’《》「」（）0-9A-Za-z%％. -]
space ::= ""
""",
}
_LINES = {"en": r"[A-Z] [^\x00-\x1F#*:;_`]", "zh": r"[一-鿿] [^\x00-\x1F#*：；_`]"}
_SPANS = {"en": ("{3,60}", "{10,110}", "{8,80}"), "zh": ("{1,18}", "{3,36}", "{3,24}")}


def prose(language: str) -> str:
    """Return a grammar for paragraphs of finished sentences, without headings, lists or markup."""
    return 'root ::= paragraph ("\\n\\n" paragraph)*\nparagraph ::= sentence (space sentence)*' + _RULES[language]


def abstract(language: str) -> str:
    """Return a grammar for two or three sentences in one line."""
    return "root ::= sentence (space sentence){1,2}" + _RULES[language]


def title(language: str) -> str:
    """Return a grammar for one line without a mark at its end."""
    return f"root ::= {_LINES[language]}{_SPANS[language][2]}"


def outline(sections: int, language: str) -> str:
    """Return a grammar for an outline in Markdown: at most so many headings, with two or three points below each."""
    heading, point, _ = _SPANS[language]
    return (
        f"root ::= section{{1,{sections}}}\n"
        'section ::= "## " heading "\\n" point point point?\n'
        f"heading ::= {_LINES[language]}{heading}\n"
        f'point ::= "- " {_LINES[language]}{point} "\\n"'
    )
