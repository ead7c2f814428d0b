"""Making what should not leave the machine unreadable in a dataset."""

from __future__ import annotations

import re
from collections import Counter

_CALLED = "api[_-]?key|secret|token|password|passwd|密码|密钥|口令"
_ROOTS = "home|Users|root|mnt|media|srv|opt|var|etc|tmp|private"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.ASCII))
    for name, pattern in (
        ("key", r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"),
        ("key", r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+"),
        ("key", r"\b(?:sk|pk|rk)[-_][\w-]{16,}|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}"),
        ("key", r"\bxox[abprs]-[\w-]{10,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}|\bhf_\w{20,}"),
        (
            "key",
            r"(?P<kept>(?i:api[_-]?key|secret|token|password|passwd|密码|密钥|口令)[\"']?\s*[:=：]\s*)(?!\[key\])\S+",
        ),
        ("key", r"\b(?=[a-fA-F]*\d)(?=\d*[a-fA-F])[0-9a-fA-F]{32,}\b"),
        ("email", r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"),
        (
            "path",
            r"(?<![\w./~])(?:/(?:home|Users|root|mnt|media|srv|opt|var|etc|tmp|private)|~)(?:/[^\s'\"`<>|:;,，。；、)\]]+)+",
        ),
        ("path", r"\b[A-Za-z]:\\[^\s'\"`<>|:;,，。；、]+"),
        ("phone", r"(?<![\w.+-])\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){1,4}(?![\w-])"),
        ("phone", r"(?<![\w.+-])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\w-])"),
        ("phone", r"(?<![\w.+-])(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}(?![\w-])"),
        ("phone", r"(?<![\w.+-])0\d{2,3}-\d{7,8}(?![\w-])"),
    )
)


class Redaction:
    """Replaces addresses, telephone numbers, keys and paths by what they were, in square brackets.

    It finds what has the form of such a thing; a name or a street it does not find. ``counts`` says how many of each
    kind were replaced.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def apply(self, text: str) -> str:
        """Return ``text`` with everything found replaced."""
        for name, pattern in _PATTERNS:
            kept = r"\g<kept>" if pattern.groups else ""
            text, count = pattern.subn(f"{kept}[{name}]", text)
            if count:
                self.counts[name] += count
        return text
