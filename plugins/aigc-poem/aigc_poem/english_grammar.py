"""GBNF grammars for one line of English verse: its length in words, its first letter, the words it may end with.

Syllables are not in them: lines are drawn in numbers and counted, which leaves the model its own words. A rhyme is, for
a model left alone misses nearly all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from aigc_poem.forms import Span

_MOST_WORDS = 12
_REST = """
tail ::= [.,;:!?]? "\\n"?
free ::= [A-Za-z] [a-z']* [,;]?
word ::= " " free
"""


def line_grammar(syllables: Span | None, head: str, endings: Iterable[str]) -> str:
    """Return the grammar of a line.

    Args:
        syllables: How many it should have, which bounds its words.
        head: The letter it begins with; empty for any.
        endings: The words it may end with; empty for any.
    """
    fewest, most = syllables or (4, _MOST_WORDS)
    least_words, most_words = max(2, -(-fewest // 2)), min(most, _MOST_WORDS)
    first = f"[{head.upper()}] [a-z']* [,;]?" if head else "free"
    ends = sorted(set(endings))
    between = f"word{{{least_words - 1 - bool(ends)},{most_words - 1 - bool(ends)}}}"
    rhyme = f'\nrhyme ::= " " ({_trie(ends)})' if ends else ""
    return f"root ::= {first} {between} {'rhyme ' if ends else ''}tail{rhyme}{_REST}"


def _trie(words: list[str]) -> str:
    """Return alternatives that share their beginnings, which llama.cpp follows far faster than a plain list."""
    by_first: dict[str, list[str]] = {}
    for word in words:
        by_first.setdefault(word[0], []).append(word[1:])
    ways = []
    for letter, rests in by_first.items():
        longer = [rest for rest in rests if rest]
        if not longer:
            ways.append(f'"{letter}"')
        elif len(longer) == 1:
            ways.append(f'"{letter}" ("{longer[0]}"){"?" if len(longer) < len(rests) else ""}')
        else:
            ways.append(f'"{letter}" ({_trie(longer)}){"?" if len(longer) < len(rests) else ""}')
    return " | ".join(ways)
