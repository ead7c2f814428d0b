"""The translations."""

from __future__ import annotations

import os
import string
import subprocess
import sys
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from aigc_cli import i18n
from aigc_cli.core.text import Notice
from scripts.catalogs import LOCALES, as_mo, as_po, sentences, untranslated, updated

CATALOGS = sorted(LOCALES.glob("*/LC_MESSAGES/aigc.po"))


def fields(text: str) -> set[str]:
    """Return the names of the fields in a format string."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])
def test_every_sentence_is_translated_and_compiled(path: object) -> None:
    """The catalog has exactly the sentences of the code, all of them translated, and its compiled form is current."""
    catalog = updated(CATALOGS[0], sentences())
    assert [message.id for message in untranslated(catalog)] == []
    assert as_po(catalog) == CATALOGS[0].read_bytes()
    assert as_mo(as_po(catalog)) == CATALOGS[0].with_suffix(".mo").read_bytes()


def messages() -> list[Message]:
    """Return every translated sentence."""
    with CATALOGS[0].open("rb") as file:
        return [message for message in read_po(file) if message.id]


@pytest.mark.parametrize("message", messages(), ids=lambda message: str(message.id)[:50])
def test_a_translation_has_no_field_that_the_sentence_lacks(message: Message) -> None:
    """Formatting a translation never fails for want of a value."""
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    try:
        known = set().union(*map(fields, ids))
    except ValueError:
        return  # a sentence with braces that are no fields is never formatted
    if all(map(str.isidentifier, known)):
        for text in strings:
            assert fields(text) <= known


@pytest.mark.parametrize(
    ("configured", "environ", "expected"),
    [
        ("auto", {"LANG": "zh_CN.UTF-8"}, "zh"),
        ("auto", {"LANG": "zh_TW.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ("auto", {"LC_MESSAGES": "zh_CN", "LANG": "en_US"}, "zh"),
        ("auto", {"LANG": "fr_FR.UTF-8"}, "en"),
        ("auto", {}, "en"),
        ("zh", {"LANG": "en_US.UTF-8"}, "zh"),
        ("en", {"LANG": "zh_CN.UTF-8"}, "en"),
    ],
)
def test_the_language_is_the_configured_one_or_that_of_the_locale(
    configured: str, environ: dict[str, str], expected: str
) -> None:
    """A setting comes first, then LC_ALL, LC_MESSAGES and LANG in POSIX order, then English."""
    assert i18n.choose(configured, environ) == expected


def test_a_setting_changes_the_language_of_help() -> None:
    """AIGC_LANGUAGE=zh makes help Chinese in any locale, click's own words included."""
    command = [sys.executable, "-m", "aigc_cli", "ask", "--help"]
    done = subprocess.run(command, env={**os.environ, "AIGC_LANGUAGE": "zh"}, capture_output=True, text=True)
    assert "用法" in done.stdout
    assert "显示本说明并退出" in done.stdout
    assert "模型" in done.stdout


@pytest.fixture
def chinese() -> Iterator[None]:
    """The interface in Chinese, for the length of a test."""
    before = i18n.language()
    i18n.use("zh")
    yield
    i18n.use(before)


@pytest.mark.usefixtures("chinese")
def test_no_text_is_not_taken_for_the_header_of_the_catalog() -> None:
    """The translation of nothing is nothing."""
    assert i18n._("") == ""
    assert i18n._("no problems found") == "没有发现问题"


@pytest.mark.usefixtures("chinese")
def test_details_are_translated_and_names_are_not() -> None:
    """A sentence within a sentence is translated, however deep; a name stays, also if it is a word of the interface."""
    inner = Notice("pip says: {words}", {"words": Notice("no such setting")})
    assert i18n.say(Notice("could not fetch {name}: {detail}", {"name": "file", "detail": inner})) == (
        "无法下载 file：pip 报告：没有这项设置"
    )
    assert i18n.say(Notice("{detail}", {"detail": "the context is full"})) == "上下文已满"
