"""The language of the interface.

English text is the key (gettext). ``locales/<language>/LC_MESSAGES/aigc.po`` holds the translations, including
those of click's own sentences, which is why the domain is made gettext's default one.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from pathlib import Path

LANGUAGES = ("en", "zh")
DOMAIN = "aigc"
_LOCALES = Path(__file__).parent / "locales"
_language = "en"


def _(text: str) -> str:
    """Return ``text`` in the language of the interface, or as it is where there is no translation."""
    return gettext.gettext(text)


def ngettext(one: str, many: str, n: int) -> str:
    """Return the form of a sentence that fits the number ``n`` in the language of the interface."""
    return gettext.ngettext(one, many, n)


def language() -> str:
    """Return the language of the interface, one of `LANGUAGES`."""
    return _language


def choose(configured: str, environ: Mapping[str, str]) -> str:
    """Return the interface language: ``configured`` unless it is "auto", else what the locale says, else English."""
    if configured in LANGUAGES:
        return configured
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "zh" if environ[name].lower().startswith("zh") else "en"
    return "en"


def use(language: str) -> None:
    """Make ``language`` the language of the interface, of this process and of those it starts."""
    global _language
    _language = language
    # gettext, and so click, reads this variable at every look-up.
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, _LOCALES)
    gettext.textdomain(DOMAIN)
