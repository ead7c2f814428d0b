"""What exports of conversations hold: those of this program and those of ChatGPT.

Everything in them is untrusted: whatever has not the right form is counted and left out. OpenAI does not document its
format; in ``conversations.json`` a conversation has a ``mapping`` of nodes, each with its ``message`` and ``parent``,
and ``current_node`` is the end of the branch that was shown last. Pictures, tools and what was hidden are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from aigc_cli.core.conversation import ForeignConversation, Turn
from aigc_cli.core.message import Role

OWN = "aigc"
CHATGPT = "chatgpt"

_ROLES: dict[object, Role] = {"system": "system", "user": "user", "assistant": "assistant"}
_FINISHED = "stop", "length", "interrupted", "error"
_STRINGS = "model", "adapter", "template", "generator"
_INTEGERS = "seed", "prompt_tokens", "reused_tokens", "completion_tokens"
_NUMBERS = "ttft_ms", "tokens_per_second"
_LARGEST = 1 << 63
_SAID = "text", "multimodal_text", "code"


def parse(entry: object) -> ForeignConversation | None:
    """Return the conversation that an entry of an export holds; None if it holds none in a form that is known."""
    if not isinstance(entry, dict):
        return None
    if isinstance(entry.get("turns"), list):
        return _own(entry, entry["turns"])
    if isinstance(entry.get("mapping"), dict):
        return _chatgpt(entry, entry["mapping"])
    return None


def _own(entry: Mapping[str, Any], rows: list[object]) -> ForeignConversation:
    turns = [turn for row in rows if isinstance(row, dict) and (turn := _own_turn(row))]
    created = turns[0].created if turns else ""
    return ForeignConversation(OWN, _string(entry.get("title")), created, turns, len(rows) - len(turns))


def _own_turn(row: Mapping[str, Any]) -> Turn | None:
    role = _string(row.get("role"))
    values: dict[str, Any] = {key: row[key] for key in _STRINGS if isinstance(row.get(key), str)}
    values |= {key: row[key] for key in _INTEGERS if isinstance(row.get(key), int) and abs(row[key]) < _LARGEST}
    values |= {key: float(row[key]) for key in _NUMBERS if isinstance(row.get(key), float)}
    if row.get("finish_reason") in _FINISHED:
        values["finish_reason"] = row["finish_reason"]
    if isinstance(row.get("parameters"), dict):
        values["parameters"] = row["parameters"]
    if row.get("status") in ("interrupted", "failed"):
        values["status"] = row["status"]
    elif row.get("status") == "streaming":  # nobody goes on writing it here
        values["status"] = "interrupted"
    name, text = row.get("id"), row.get("text")
    if not (isinstance(name, str) and name and isinstance(text, str) and role in _ROLES):
        return None
    return Turn(name, "", _string(row.get("parent")) or None, _ROLES[role], text, _string(row.get("created")), **values)


def _chatgpt(entry: Mapping[str, Any], mapping: Mapping[str, object]) -> ForeignConversation:
    prefix = _string(entry.get("conversation_id")) or _string(entry.get("id"))
    nodes = {name: _node(prefix, name, node) for name, node in mapping.items()}
    turns = sorted((turn for turn in nodes.values() if turn), key=lambda turn: turn.created)
    current = set()
    name = entry.get("current_node")
    while isinstance(name, str) and name not in current and (node := mapping.get(name)):
        current.add(name)
        name = node.get("parent") if isinstance(node, dict) else None
    shown = {f"{prefix}/{name}" for name in current}
    return ForeignConversation(
        CHATGPT,
        _string(entry.get("title")),
        _time(entry.get("create_time")),
        [turn for turn in turns if turn.id not in shown] + [turn for turn in turns if turn.id in shown],
        len(mapping) - len(turns),
    )


def _node(prefix: str, name: str, node: object) -> Turn | None:
    """Return a turn for a node, without text if it is only there to hold others together."""
    if not isinstance(node, dict):
        return None
    message = node.get("message")
    if message is not None and not isinstance(message, dict):
        return None
    message = message or {}
    author, about = _mapping(message.get("author")), _mapping(message.get("metadata"))
    role = _string(author.get("role"))
    is_shown = role in _ROLES and not about.get("is_visually_hidden_from_conversation")
    addressed = _string(message.get("recipient")) or "all"  # what is sent to a tool is for nobody else
    parent = _string(node.get("parent"))
    return Turn(
        f"{prefix}/{name}",
        "",
        f"{prefix}/{parent}" if parent else None,
        _ROLES.get(role, "assistant"),
        _said(_mapping(message.get("content"))) if is_shown and addressed == "all" else "",
        _time(message.get("create_time")),
        model=_string(about.get("model_slug")) if role == "assistant" else "",
    )


def _said(content: Mapping[str, Any]) -> str:
    if content.get("content_type") not in _SAID:
        return ""
    parts = content.get("parts")
    if not isinstance(parts, list):
        parts = [content.get("text")]
    # A part that was spoken is a mapping with its transcription.
    texts = (part if isinstance(part, str) else _string(_mapping(part).get("text")) for part in parts)
    return "\n\n".join(filter(None, texts))


def _time(seconds: object) -> str:
    try:
        return datetime.fromtimestamp(float(seconds), timezone.utc).isoformat()  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
