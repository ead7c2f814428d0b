r"""What is taken out of untrusted text before a terminal sees it.

A model, a file or a server may write anything, also sequences that move the cursor, set the clipboard or the title,
answer for the user, or show text in another order than it is read in. Rules:

- A complete escape sequence (ECMA-48 §5.4, §8.3: CSI, OSC, DCS, APC, PM, SOS, nF, two characters) disappears.
- Of an incomplete one only ESC disappears: what follows is text again, so that nothing of an answer is swallowed.
- C0 but ``\n`` and ``\t``, DEL, C1, bidirectional controls and invisible format characters without a use in any script
  disappear (https://www.unicode.org/reports/tr36/, https://trojansource.codes). Joiners and variation selectors stay:
  Persian, Indic scripts, ideographic variants and emoji need them.
- ``\r\n``, a lone ``\r``, and the line and paragraph separators become ``\n``.
- A lone surrogate, which no encoding can hold, becomes U+FFFD.
"""

from __future__ import annotations

import re

_LONGEST_PAYLOAD = 4096
"""Characters of a control string; of a longer one the payload is shown as text. Bounds what a filter holds."""

_REMOVED = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\u00ad\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # soft hyphen, invisible operators, annotations
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f"  # musical formatting, tags
)
FORBIDDEN = re.compile(f"[{_REMOVED}\u2028\u2029\ud800-\udfff]")
"""One character that never reaches a terminal."""

_PAYLOAD = rf"[^\x00-\x1f\x7f-\x9f]{{0,{_LONGEST_PAYLOAD}}}"
_SEQUENCE = (
    r"\x1b(?:"
    r"\[[0-?]{0,64}[ -/]{0,16}[@-~]"
    rf"|[\]PX^_]{_PAYLOAD}(?:\x07|\x1b\\|\x9c)"
    r"|[ -/]{1,16}[0-~]"
    r"|[0-OQ-WYZ\\`-~]"
    r")"
)
_UNFINISHED = (
    r"\x1b(?:"
    r"\[[0-?]{0,64}[ -/]{0,16}"
    rf"|[\]PX^_]{_PAYLOAD}\x1b?"
    r"|[ -/]{1,16}"
    r")?\Z|\r\Z"
)
_NEWLINE = r"(?P<newline>\r\n?|[\u2028\u2029])"
_SURROGATE = "(?P<surrogate>[\ud800-\udfff])"
_WHOLE = re.compile(f"{_SEQUENCE}|{_NEWLINE}|{_SURROGATE}|[{_REMOVED}]")
_PART = re.compile(f"{_SEQUENCE}|(?P<unfinished>{_UNFINISHED})|{_NEWLINE}|{_SURROGATE}|[{_REMOVED}]")
_REPLACEMENTS = {"newline": "\n", "surrogate": "\ufffd"}


class OutputFilter:
    """Filters a text that arrives in chunks; where the chunks are cut makes no difference."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, chunk: str) -> str:
        """Return what can be shown of the text so far and was not returned before."""
        text = self._held + chunk
        self._held = ""
        if FORBIDDEN.search(text) is None:
            return text
        return _PART.sub(self._replace, text)

    def flush(self) -> str:
        """Return what was held back for a sequence that never ended; the text is over."""
        text, self._held = self._held, ""
        return _WHOLE.sub(self._replace, text)

    def _replace(self, match: re.Match[str]) -> str:
        if match.lastgroup == "unfinished":
            self._held = match.group()
        return _REPLACEMENTS.get(match.lastgroup or "", "")


def sanitize(text: str) -> str:
    """Return ``text`` as it may be shown on a terminal."""
    text_filter = OutputFilter()
    return text_filter.feed(text) + text_filter.flush()


def one_line(text: str) -> str:
    """Return ``text`` as it may be shown in one line: a title, a cell of a table, a name."""
    return " ".join(sanitize(text).split())


def excerpt(text: str, length: int) -> str:
    """Return the beginning of ``text`` in one line of at most ``length`` characters, with a sign that it goes on."""
    line = one_line(text[: 4 * length])  # however long the text is, and however much of it is space
    if len(line) <= length and len(text) <= 4 * length:
        return line
    return line[: length - 1].rstrip() + "…"
