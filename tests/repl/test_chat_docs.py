"""The pages about the chat say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_cli import i18n
from aigc_cli.i18n import _
from aigc_cli.repl.commands import registry
from aigc_cli.repl.commands.about import KEYS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("page", "language"), [("chat.md", "en"), ("zh/chat.md", "zh")])
def test_every_key_and_command_is_documented(page: str, language: str) -> None:
    """Each has the row of a table, with its other names and its line of help in the language of the page."""
    before = i18n.language()
    i18n.use(language)
    try:
        rows = [f"| `{key}` | {_(meaning)} |" for key, meaning in KEYS]
        for command in registry():
            usage = f"/{command.name} {command.arguments and _(command.arguments)}".rstrip().replace("|", "\\|")
            aliases = " ".join(f"`/{alias}`" for alias in command.aliases)
            rows.append(f"| `{usage}` | {aliases} | {_(command.summary)} |")
    finally:
        i18n.use(before)
    written = (DOCS / page).read_text(encoding="utf-8").splitlines()
    assert [row for row in rows if row not in written] == []


def test_every_command_has_a_chinese_name() -> None:
    """Nobody has to switch the input method to type one."""
    assert [c.name for c in registry() if all(name.isascii() for name in c.names)] == []
