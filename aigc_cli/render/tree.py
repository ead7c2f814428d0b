"""A conversation drawn as a tree."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from aigc_cli.core.conversation import Turn
from aigc_cli.render.filter import excerpt

SHORT_ID = 14  # characters: the time, and enough of the random part to be a REF in practice
EXCERPT = 60  # characters
_MARKS = {"system": "S", "user": ">", "assistant": " "}


def draw_tree(turns: Sequence[Turn], here: Collection[str]) -> str:
    """Return a line for each turn, indented by the branches above it.

    Args:
        turns: All turns of a conversation, parents before their children.
        here: The ids of the turns that are marked with a star, the way to where the user is.
    """
    children: dict[str | None, list[Turn]] = {}
    for turn in turns:
        children.setdefault(turn.parent, []).append(turn)
    lines: list[str] = []
    waiting = [(turn, 0) for turn in reversed(children.get(None, []))]
    while waiting:
        turn, depth = waiting.pop()
        mark = "*" if turn.id in here else " "
        text = excerpt(turn.text, EXCERPT)
        lines.append(f"{turn.id[:SHORT_ID]} {mark} {'  ' * depth}{_MARKS[turn.role]} {text}")
        following = children.get(turn.id, [])
        waiting += [(child, depth + (len(following) > 1)) for child in reversed(following)]
    return "\n".join(lines)
