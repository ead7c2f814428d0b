"""Taking examples out of documents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_AIGC = re.compile(r"(?:^|\| )aigc (.*?)(?: [<>] \S+)?$")


@dataclass(frozen=True)
class Example:
    """A command line of a console example: the part after "aigc", and the output that is shown for it."""

    line: str
    arguments: str
    output: str

    @property
    def reads_stdin(self) -> bool:
        """Whether something is piped into the command."""
        return " | " in self.line or " < " in self.line


def blocks(document: Path, language: str) -> list[str]:
    """Return the fenced blocks of this language."""
    return [text for kind, text in _BLOCK.findall(document.read_text(encoding="utf-8")) if kind == language]


def named_files(document: Path, language: str) -> dict[str, str]:
    """Return the blocks that begin with a comment that is a file's name."""
    found = {}
    for text in blocks(document, language):
        first = text.partition("\n")[0]
        if first.startswith("# ") and " " not in first[2:]:
            found[first[2:]] = text
    return found


def examples(document: Path) -> list[Example]:
    """Return the command lines that run aigc."""
    found = []
    for part in "".join(blocks(document, "console")).split("$ ")[1:]:
        line, _, output = part.partition("\n")
        if match := _AIGC.search(line):
            found.append(Example(line, match[1], output))
    return found
