"""Bringing in conversations from files: exports of this program and of ChatGPT, and the database of ``llm``."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from aigc_cli.core.conversation import ForeignConversation, Turn
from aigc_cli.core.errors import UnknownHistory, UnreadableFile
from aigc_cli.core.text import N_, Notice
from aigc_cli.services.exports import OWN, parse

if TYPE_CHECKING:
    from aigc_cli.store import Store

LARGEST_FILE = 1 << 29
"""Bytes of JSON; it is parsed as a whole."""

LONGEST_TEXT = 1 << 22
"""Characters of one turn; a longer one is skipped, with what follows it going on from what it follows."""

_LONGEST_NAME = 200
"""Characters of a title, or of what the source calls a turn."""

_YEARS = range(1970, 3000)
_ZIP = b"PK\x03\x04"
_MEMBERS = "conversations"  # large exports of ChatGPT hold conversations-000.json and so on


@dataclass(slots=True)
class Report:
    """How many conversations and turns were added, how many turns were there already, and what was skipped."""

    conversations: int = 0
    turns: int = 0
    present: int = 0
    skipped: int = 0


def import_file(store: Store, path: Path) -> Report:
    """Add the conversations in a file, each in a transaction of its own, without what was added before.

    Raises:
        UnreadableFile: if the file cannot be read.
        UnknownHistory: if it holds no conversations in a format that is known.
    """
    report = Report()
    for foreign in read(path):
        tidied = tidy(foreign)
        report.skipped += tidied.skipped
        if tidied.turns:
            added = store.add_foreign(tidied)
            report.conversations += added.conversations
            report.turns += added.turns
            report.present += added.present
    return report


def read(path: Path) -> Iterator[ForeignConversation]:
    """Yield the conversations in a file as they are there; raises what `import_file` raises."""
    from aigc_cli.store.llm_logs import MAGIC, read_llm_logs

    try:
        if path.exists() and not path.is_file():
            raise UnreadableFile(path=path, detail=Notice(N_("it is not a file")))
        with path.open("rb") as file:
            head = file.read(len(MAGIC))
        if head == MAGIC:
            yield from read_llm_logs(path)
            return
        contents = _unpacked(path) if head.startswith(_ZIP) else iter([_whole(path)])
        known = False
        for content in contents:
            for entry in _entries(path, content):
                foreign = parse(entry)
                known = known or foreign is not None
                yield foreign or ForeignConversation("", "", "", skipped=1)
    except OSError as error:
        raise UnreadableFile(path=path, detail=error.strerror) from error
    if not known:
        raise UnknownHistory(path=path, detail=Notice(N_("there are no conversations in it")))


def tidy(foreign: ForeignConversation) -> ForeignConversation:
    """Return a conversation as the history needs it: parents first, every turn with a text and a time.

    What follows a turn that is left out, such as one of another program without text, goes on from what that one
    followed. A system turn below the first turn would be a summary, so only those of our own exports stay there.
    """
    by_id = {turn.id: turn for turn in reversed(foreign.turns)}
    kept: dict[str, Turn] = {}
    stands_for: dict[str, str | None] = {}  # for each id, the turn that is kept: itself or what it followed
    skipped = foreign.skipped
    for turn in foreign.turns:
        for below in _missing_ancestors(turn, by_id, stands_for):
            above = stands_for.get(below.parent) if below.parent else None
            created = _time(below.created) or (kept[above].created if above else _time(foreign.created) or now())
            is_bad = len(below.text) > LONGEST_TEXT or len(below.id) > _LONGEST_NAME
            is_stray = below.role == "system" and above is not None and foreign.source != OWN
            if is_bad or is_stray or (not below.text.strip() and foreign.source != OWN):
                skipped += is_bad
                stands_for[below.id] = above
            else:
                kept[below.id] = replace(below, parent=above, created=created, parameters=_settings(below.parameters))
                stands_for[below.id] = below.id
    turns = list(kept.values())
    began = _time(foreign.created) or (turns[0].created if turns else "")
    title = " ".join(foreign.title.split())[:_LONGEST_NAME]
    return replace(foreign, title=title, created=began, turns=turns, skipped=skipped)


def _missing_ancestors(turn: Turn, by_id: dict[str, Turn], done: dict[str, str | None]) -> Sequence[Turn]:
    """Return what comes before a turn and was not looked at, and the turn itself, from the top down."""
    chain: dict[str, Turn] = {}
    node: Turn | None = by_id[turn.id]
    while node and node.id not in done and node.id not in chain:  # parents may go in a circle
        chain[node.id] = node
        node = by_id.get(node.parent) if node.parent else None
    return list(reversed(chain.values()))


def _settings(parameters: Mapping[str, object]) -> dict[str, object]:
    """Return what can be a setting: numbers, texts and lists of texts; nothing nested."""
    return {
        key: value
        for key, value in parameters.items()
        if isinstance(value, (str, int, float))
        or (isinstance(value, list) and all(isinstance(item, str) for item in value))
    }


def _whole(path: Path) -> bytes:
    _check_size(path, path.stat().st_size)
    return path.read_bytes()


def _unpacked(path: Path) -> Iterator[bytes]:
    """Yield the files of an archive that hold conversations; none grows beyond the size that was checked."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if _holds_conversations(info.filename)]
            _check_size(path, sum(info.file_size for info in members))
            for info in sorted(members, key=lambda info: info.filename):
                yield archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # the last: encrypted, or of a new kind
        raise UnknownHistory(path=path, detail=str(error)) from error


def _holds_conversations(name: str) -> bool:
    name = name.rpartition("/")[2]
    return name.startswith(_MEMBERS) and name.endswith(".json")


def _check_size(path: Path, size: int) -> None:
    if size > LARGEST_FILE:
        limit = Notice(N_("it is larger than {limit} MB"), {"limit": LARGEST_FILE >> 20})
        raise UnknownHistory(path=path, detail=limit)


def _entries(path: Path, content: bytes) -> Iterator[object]:
    """Yield the entries of JSON, or of lines of it."""
    try:
        data = _parsed(content)
    except (ValueError, RecursionError) as error:
        lines = [line for line in content.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].lstrip().startswith(b"{"):
            detail = Notice(N_("it is no JSON, no archive with such a file, and no database"))
            raise UnknownHistory(path=path, detail=detail) from error
        yield from map(_parsed_line, lines)
        return
    yield from data if isinstance(data, list) else [data]


def _parsed(content: bytes) -> object:
    return json.loads(content.decode("utf-8-sig"), parse_constant=lambda _: None)


def _parsed_line(line: bytes) -> object:
    try:
        return _parsed(line)
    except (ValueError, RecursionError):
        return None


def _time(text: str) -> str:
    """Return a time as the history keeps it; empty if ``text`` is none, or from long ago or far ahead."""
    try:
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
        time = (time if time.tzinfo else time.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return ""
    return time.isoformat(timespec="milliseconds") if time.year in _YEARS else ""


def now() -> str:
    """Return the time as the history keeps it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
