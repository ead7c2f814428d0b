"""Datasets in the forms that TRL's trainers take (https://huggingface.co/docs/trl/dataset_formats).

All are conversational: lists of messages, to which a trainer applies the chat template of the model. KTO: ``prompt``,
``completion``, ``label``. DPO and reward: ``prompt``, ``chosen``, ``rejected``. SFT: ``prompt``, ``completion``. The
CSV form is for people and spreadsheets.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TypeAlias

from aigc_cli.core.dataset import Dataset, DatasetCard, DatasetKind, Exchange, Reply, Row, Split
from aigc_cli.core.message import Message
from aigc_cli.feedback.redaction import Redaction

ABOUT = ("reasons", "note", "generator", "template", "model", "adapter", "voted")
"""The columns of the CSV form after prompt, completion and label."""

_ANSWERS = ("completion", "chosen", "rejected")
_Key: TypeAlias = "tuple[tuple[str, str], ...]"


@dataclass(frozen=True, slots=True)
class _Made:
    row: Row
    conversation: str
    source: str


def is_test(conversation: str, fraction: float) -> bool:
    """Tell whether a conversation is set apart for tests: always the same, whatever else there is."""
    digest = hashlib.sha256(conversation.encode()).digest()
    return int.from_bytes(digest[:8], "big") < fraction * 2**64


def build(
    exchanges: Iterable[Exchange],
    kind: DatasetKind,
    *,
    split: Split = "all",
    test_fraction: float = 0.15,
    redact: bool = False,
    hints: bool = False,
) -> Dataset:
    """Return the dataset of one kind that ``exchanges`` come to.

    Rows that are the same are kept once. A row for training whose prompt is also in the test part is left out, so that
    nothing that was learned by heart counts as understood.

    Args:
        exchanges: In the order of the rows.
        kind: What the rows are for.
        split: Which part to return.
        test_fraction: The share of conversations that is set apart for tests.
        redact: Make addresses, keys and the like unreadable; see `Redaction`.
        hints: Take what the user did for a vote, where there is no vote.
    """
    left_out: Counter[str] = Counter()
    redaction = Redaction() if redact else None
    tested: set[_Key] = set()
    kept: dict[_Key, _Made] = {}
    for exchange in exchanges:
        prompt = [_message(message, redaction) for message in exchange.prompt]
        in_test = is_test(exchange.conversation, test_fraction)
        if in_test:
            tested.add(_key(prompt))
        if split != "all" and in_test != (split == "test"):
            continue
        for row, source in _ROWS[kind](exchange, hints, left_out):
            _write(row, redaction)
            made = _Made({"prompt": prompt, **row}, exchange.conversation, source)
            key = _key(prompt, *(row[name] for name in _ANSWERS if name in row))
            left_out["said before"] += key in kept
            kept.pop(key, None)
            kept[key] = made
    if split == "train":
        for key in [key for key, made in kept.items() if _key(made.row["prompt"]) in tested]:
            del kept[key]
            left_out["asked in the test part, too"] += 1
    return _dataset(list(kept.values()), kind, split, test_fraction, left_out, redaction)


def as_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the rows as JSON Lines, each with its newline."""
    for row in rows:
        yield _canonical(row) + "\n"


def card_text(card: DatasetCard) -> str:
    """Return the card as Markdown; the same for the same card."""
    lines = [f"# Dataset: {card.kind}", "", f"- rows: {card.rows}", f"- conversations: {card.conversations}"]
    lines += [f"- split: {card.split} (a share of {card.test_fraction:g} of the conversations is for tests)"]
    lines += [f"- sha256 of the rows as JSON Lines: {card.sha256}"]
    titles = {"counts": "Rows by label", "sources": "Rows by source", "left_out": "Left out", "redacted": "Redacted"}
    for name, title in titles.items():
        if counted := asdict(card)[name]:
            lines += ["", f"## {title}", "", *(f"- {key}: {count}" for key, count in counted.items())]
    return "\n".join(lines) + "\n"


def _message(message: Message, redaction: Redaction | None) -> dict[str, str]:
    text = redaction.apply(message.content) if redaction else message.content
    return {"role": message.role, "content": text}


def _write(row: Row, redaction: Redaction | None) -> None:
    """Turn the answers of a row into what the files have, in place."""
    for name in _ANSWERS:
        if isinstance(text := row.get(name), Reply):
            row[name] = [_message(Message("assistant", text.text), redaction)]


def _liked(reply: Reply, hints: bool) -> tuple[bool, str] | None:
    if reply.liked is not None:
        return reply.liked, "vote"
    return (reply.hint > 0, "hint") if hints and reply.hint else None


def _kto(exchange: Exchange, hints: bool, left_out: Counter[str]) -> Iterator[tuple[Row, str]]:
    for reply in exchange.replies:
        judged = _liked(reply, hints)
        if judged is None:
            continue
        liked, source = judged
        if liked and not reply.whole:
            left_out["cut off"] += 1
        else:
            yield {"completion": reply, "label": liked}, source


def _sft(exchange: Exchange, hints: bool, left_out: Counter[str]) -> Iterator[tuple[Row, str]]:
    for row, source in _kto(exchange, hints, left_out):
        if row.pop("label"):
            yield row, source


def _dpo(exchange: Exchange, hints: bool, left_out: Counter[str]) -> Iterator[tuple[Row, str]]:
    replies = {reply.turn: reply for reply in exchange.replies}
    judged = [(reply, _liked(reply, hints)) for reply in exchange.replies]
    found = dict.fromkeys(exchange.preferred, "comparison")
    for better, up in judged:
        for worse, down in judged:
            if up and down and up[0] and not down[0] and (worse.turn, better.turn) not in found:
                source = "hint" if "hint" in (up[1], down[1]) else "vote"
                found.setdefault((better.turn, worse.turn), source)
    for (better_id, worse_id), source in found.items():
        chosen, rejected = replies[better_id], replies[worse_id]
        if chosen.whole and chosen.text != rejected.text:
            yield {"chosen": chosen, "rejected": rejected}, source
        else:
            left_out["cut off" if not chosen.whole else "both answers the same"] += 1


def _csv(exchange: Exchange, hints: bool, left_out: Counter[str]) -> Iterator[tuple[Row, str]]:
    for reply in exchange.replies:
        if judged := _liked(reply, hints):
            about = {name: reply.about.get(name, "") for name in ABOUT}
            yield {"completion": reply, "label": judged[0], **about}, judged[1]


_ROWS: dict[DatasetKind, Callable[[Exchange, bool, Counter[str]], Iterator[tuple[Row, str]]]] = {
    "kto": _kto,
    "dpo": _dpo,
    "sft": _sft,
    "reward": _dpo,
    "csv": _csv,
}


def _dataset(
    made: Sequence[_Made],
    kind: DatasetKind,
    split: Split,
    test_fraction: float,
    left_out: Counter[str],
    redaction: Redaction | None,
) -> Dataset:
    rows = tuple(one.row for one in made)
    digest = hashlib.sha256()
    for line in as_lines(rows):
        digest.update(line.encode())
    labels = Counter("liked" if row["label"] else "disliked" for row in rows if "label" in row)
    card = DatasetCard(
        kind=kind,
        rows=len(rows),
        counts=dict(sorted(labels.items())),
        sources=dict(sorted(Counter(one.source for one in made).items())),
        left_out={reason: count for reason, count in sorted(left_out.items()) if count},
        redacted=dict(sorted(redaction.counts.items())) if redaction else {},
        conversations=len({one.conversation for one in made}),
        split=split,
        test_fraction=test_fraction,
        sha256=digest.hexdigest(),
    )
    return Dataset(rows, card)


def _key(*messages: Sequence[dict[str, str]]) -> _Key:
    """Return what tells rows from each other that say different things."""
    return tuple((message["role"], message["content"]) for part in messages for message in part)


def _canonical(data: object) -> str:
    return json.dumps(data, ensure_ascii=False)
