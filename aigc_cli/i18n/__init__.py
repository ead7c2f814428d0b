"""The language of the interface.

English text is the key (gettext). ``locales/<language>/LC_MESSAGES/aigc.po`` holds the translations, including
those of click's own sentences, which is why the domain is made gettext's default one.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from pathlib import Path

from aigc_cli.core.text import Notice

LANGUAGES = ("en", "zh")
DOMAIN = "aigc"
_LOCALES = Path(__file__).parent / "locales"
_language = "en"


def _(text: str) -> str:
    """Return ``text`` in the language of the interface, or as it is where there is no translation."""
    # gettext takes "" for the header of the catalog.
    return gettext.gettext(text) if text else ""


def ngettext(one: str, many: str, n: int) -> str:
    """Return the form of a sentence that fits the number ``n`` in the language of the interface."""
    return gettext.ngettext(one, many, n)


def say(sentence: Notice) -> str:
    """Return ``sentence`` in the language of the interface, complete.

    Of its values only those are translated that are sentences themselves: each `Notice`, and ``detail``. A name that
    the user gave stays what it is, even if it is a word of the interface, too.
    """
    values = {name: _value(name, value) for name, value in sentence.params.items()}
    return _(sentence.template).format(**values)


def _value(name: str, value: object) -> object:
    if isinstance(value, Notice):
        return say(value)
    return _(value) if name == "detail" and isinstance(value, str) else value


def pick(texts: Mapping[str, str]) -> str:
    """Return the one of ``texts``, by language, that is in the language of the interface, else the English one."""
    return texts.get(_language, texts["en"])


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
