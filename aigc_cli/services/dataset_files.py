"""Datasets written to files, and taken in again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from aigc_cli.core.conversation import ForeignConversation, Turn
from aigc_cli.core.dataset import Dataset, DatasetKind, Row
from aigc_cli.core.errors import UnreadableFile, UnwritableFile, UsageProblem
from aigc_cli.core.message import Message, Role
from aigc_cli.core.text import N_, Notice
from aigc_cli.feedback import files
from aigc_cli.feedback.datasets import ABOUT, card_text
from aigc_cli.services.files import replace_file
from aigc_cli.services.importing import LONGEST_TEXT, now

if TYPE_CHECKING:
    from aigc_cli.store import Store

_SOURCE = "dataset"
_AT_ONCE = 500  # rows; nobody else can write to the history meanwhile


@dataclass(slots=True)
class Taken:
    """How many rows a file had, how many votes and pairs were added, and how many rows could not be used."""

    rows: int = 0
    votes: int = 0
    pairs: int = 0
    skipped: int = 0


def form_of(path: Path, kind: DatasetKind) -> str:
    """Return the form that the name of a file says: "jsonl", "parquet" or "csv".

    Raises:
        UsageProblem: if it says none, or one that does not go with the kind.
    """
    form = path.suffix.lower().removeprefix(".")
    if kind == "csv" and form == "csv":
        return form
    if kind == "csv" or form not in ("jsonl", "parquet"):
        wanted = ".csv" if kind == "csv" else ".jsonl, .parquet"
        text = N_("the name of a file for {kind} must end with one of {wanted}")
        raise UsageProblem(detail=Notice(text, {"kind": kind, "wanted": wanted}))
    return form


def export(dataset: Dataset, path: Path) -> Path:
    """Write a dataset, and its card beside it, whose path is returned.

    Raises:
        UsageProblem: as `form_of` does.
        UnwritableFile: if they cannot be written.
        MissingExtra: if a library for the form is not installed.
    """
    form = form_of(path, dataset.card.kind)
    draft = path.with_name(f".{path.name}.new")
    try:
        files.write(draft, form, dataset.rows)
        draft.replace(path)
    except OSError as error:
        raise UnwritableFile(path=path, detail=error.strerror) from error
    finally:
        draft.unlink(missing_ok=True)
    card = path.with_name(f"{path.name}.card.md")
    replace_file(card, card_text(dataset.card))
    return card


def take_in(store: Store, path: Path) -> Taken:
    """Add the votes and pairs of a file, with the conversations they are about; what was added before stays as it is.

    Raises:
        UnreadableFile: if it cannot be read, or is something else.
        MissingExtra: if a library for its form is not installed.
    """
    taken = Taken()
    rows = files.read(path)
    while batch := list(islice(rows, _AT_ONCE)):
        with store.batch():
            for row in batch:
                taken.rows += 1
                read = _read(row)
                if read is None:
                    taken.skipped += 1
                else:
                    _add(store, read, taken)
    if taken.skipped and taken.skipped == taken.rows:
        raise UnreadableFile(path=path, detail=N_("no row of it has a prompt and answers"))
    return taken


@dataclass(frozen=True, slots=True)
class _Read:
    """A row: the question with what came before, one answer with a vote or the better and the worse of two."""

    prompt: tuple[Message, ...]
    answers: tuple[str, ...]
    liked: bool
    about: dict[str, str]


def _read(row: Row) -> _Read | None:
    prompt = _messages(row.get("prompt"), "user")
    parts = [row.get("completion")] if "completion" in row else [row.get("chosen"), row.get("rejected")]
    answers = [_messages(part, "assistant") for part in parts]
    if not prompt or prompt[-1].role != "user" or not all(len(part) == 1 for part in answers):
        return None
    texts = tuple(part[0].content for part in answers)
    liked = row.get("label", True)
    if not isinstance(liked, bool) or len(set(texts)) < len(texts):
        return None
    return _Read(prompt, texts, liked, {name: row[name] for name in ABOUT if isinstance(row.get(name), str)})


def _messages(data: object, role: Role) -> tuple[Message, ...]:
    """Return messages as a file has them, a list or the text of one; none if anything is wrong with them."""
    items = [{"role": role, "content": data}] if isinstance(data, str) else data
    if not isinstance(items, list):
        return ()
    found = []
    for at, item in enumerate(items):
        said, text = (item.get("role"), item.get("content")) if isinstance(item, dict) else (None, None)
        good = said in get_args(Role) and (said != "system" or at == 0)
        if not good or not isinstance(text, str) or not 0 < len(text.strip()) <= LONGEST_TEXT:
            return ()
        found.append(Message(cast("Role", said), text))
    return tuple(found)


def _add(store: Store, row: _Read, taken: Taken) -> None:
    """Add the turns of a row that are new, each known by all that leads to it, and what is said of its answers."""
    about = row.about.get
    turns: list[Turn] = []
    parent, time = None, now()
    for message in row.prompt:
        turns.append(Turn(_name(parent, message), "", parent, message.role, message.content, time))
        parent = turns[-1].id
    answers = [Message("assistant", text) for text in row.answers]
    turns += [
        Turn(
            id=_name(parent, one),
            conversation="",
            parent=parent,
            role=one.role,
            text=one.content,
            created=time,
            model=about("model", ""),
            adapter=about("adapter", ""),
            template=about("template", ""),
            generator=about("generator", ""),
        )
        for one in answers
    ]
    store.add_foreign(ForeignConversation(_SOURCE, "", time, turns))
    first, *others = (store.lessons.imported(_SOURCE, turn.id) for turn in turns[-len(answers) :])
    if others:
        known = {pair.rejected for pair in store.feedback.pairs(turn=first) if pair.chosen == first}
        if others[0] not in known:
            store.feedback.add_pair(first, others[0], "import")
            taken.pairs += 1
    elif store.feedback.rating(first) is None:
        reasons = about("reasons", "").split()
        store.feedback.rate(store.turn(first), 1 if row.liked else -1, reasons, about("note", ""))
        taken.votes += 1


def _name(parent: str | None, message: Message) -> str:
    said = json.dumps([parent, message.role, message.content])
    return hashlib.sha256(said.encode()).hexdigest()
