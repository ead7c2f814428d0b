"""What a search looks for, and the tokens by which the index finds it.

SQLite's own tokenizers take a run of Chinese for one word (``unicode61``) or need three characters (``trigram``).
Here scripts that are written without spaces are indexed as overlapping pairs of characters, everything else as words,
and every other visible character by itself, so that ``C++``, ``a.b`` and emoji are found too.

The index only proposes: `Query.matches` decides, and it alone defines what a result is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Scripts that put no spaces between words, and Hangul, whose particles are joined to the word before them.
_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u0f00-\u0fff"  # Tibetan
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff"  # Hangul
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b"  # radicals, iteration marks, numerals
    "\u3041-\u3096\u3099-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana
    "\u3105-\u312f\u31a0-\u31bf"  # bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\U0001b000-\U0001b16f"  # historic kana
    "\U00020000-\U0003ffff"  # Han extensions B and later
)
_PIECE = re.compile(rf"(?P<word>[^\W_{_UNSPACED}]+)|(?P<run>[{_UNSPACED}]+)|\S")
_LONGEST_WORD = 64  # longer ones are data; their beginning is enough to propose them
_MOST_TOKENS = 32  # of a query: enough to single out its matches, and far below what FTS5 can parse


def normalize(text: str) -> str:
    """Return ``text`` without differences of case, width and composition."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def index_tokens(text: str) -> str:
    """Return the distinct tokens of ``text``, separated by spaces, as the full-text index takes them."""
    return " ".join(dict.fromkeys(_tokens(normalize(text))))


def _tokens(text: str) -> Iterator[str]:
    for piece in _PIECE.finditer(text):
        value = piece[0]
        if piece["word"]:
            yield value[:_LONGEST_WORD]
        elif piece["run"]:
            # The last one is a single character: every character begins a token, so one alone is found by prefix.
            yield from (value[start : start + 2] for start in range(len(value)))
        elif value.isprintable():
            yield value


class Query:
    """Ordinary text to search for: every word of it must occur, in any order; nothing in it is syntax.

    A word that begins with a letter or digit must be at the beginning of a word: ``learn`` is found in "Learning",
    ``arn`` is not. Chinese, Japanese, Korean, Thai and the like are found anywhere.
    """

    def __init__(self, text: str) -> None:
        self._terms = tuple(dict.fromkeys(normalize(text).split()))

    def matches(self, text: str) -> bool:
        """Tell whether every word of the query occurs in ``text``."""
        text = normalize(text)
        return all(_occurs(term, text) for term in self._terms)

    def expression(self) -> str:
        """Return an FTS5 expression that every matching text satisfies; empty if the query has no visible text."""
        tokens = dict.fromkeys(token for term in self._terms for token in _term_tokens(term))
        return " AND ".join(list(tokens)[:_MOST_TOKENS])


def _occurs(term: str, text: str) -> bool:
    start = text.find(term)
    if _in_word(term[0]):
        while start > 0 and _in_word(text[start - 1]):
            start = text.find(term, start + 1)
    return start >= 0


def _in_word(character: str) -> bool:
    piece = _PIECE.match(character)
    return piece is not None and piece["word"] is not None


def _term_tokens(term: str) -> Iterator[str]:
    pieces = list(_PIECE.finditer(term))
    for piece in pieces:
        value = piece[0]
        if piece["word"]:
            yield _quote(value[:_LONGEST_WORD], prefix=piece is pieces[-1])
        elif piece["run"] and len(value) > 1:
            yield from (_quote(value[start : start + 2]) for start in range(len(value) - 1))
        elif value.isprintable():
            yield _quote(value, prefix=bool(piece["run"]))


def _quote(token: str, *, prefix: bool = False) -> str:
    quoted = '"' + token.replace('"', '""') + '"'
    return quoted + "*" if prefix else quoted
