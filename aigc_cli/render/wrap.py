"""Breaking text into lines by the width of its characters, with the rules of Chinese and Japanese typesetting.

Between two ideographs a line may break anywhere, but it does not start with closing punctuation nor end with opening
punctuation (避头尾, kinsoku; W3C "Requirements for Chinese Text Layout" §3.1.4, JIS X 4051): the character before moves
down as well. A dash or an ellipsis of two characters stays in one piece. Elsewhere lines break at spaces, and inside a
word only if it is longer than a line.
"""

from __future__ import annotations

from rich.cells import get_character_cell_size, split_graphemes

_NOT_FIRST = frozenset(
    "，。、；：？！）］｝】〗〕》〉」』〙〛”’…‥·・％‰℃々ー～〜，．｡､｣〟｠゛゜ゝゞヽヾ"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
)
_NOT_LAST = frozenset("（［｛【〖〔《〈「『〘〚“‘￥＄￡＃＠｢〝｟")
_NOT_FIRST_AFTER_CJK = _NOT_FIRST | frozenset(",.;:?!)]}%\"'")
_NOT_LAST_BEFORE_CJK = _NOT_LAST | frozenset("([{$#@\"'")
_INSEPARABLE = frozenset("—―⸺…‥")


def wrap(text: str, width: int) -> list[tuple[int, int]]:
    """Return where the lines of ``text`` begin and end, so that each fits into ``width`` cells.

    Spaces at the end of a line belong to no line. A text of spaces, or an empty one, is one empty line.

    Args:
        text: One paragraph without newlines and tabs.
        width: At least 2, the width of an ideograph.
    """
    spans, total = split_graphemes(text)
    if total <= width:
        return [(0, len(text.rstrip(" ")))]
    lines: list[tuple[int, int]] = []
    first = candidate = column = index = 0
    while index < len(spans):
        start, end, cells = spans[index]
        is_space = text[start:end] == " "
        if index > first and not is_space and _may_break(text, start):
            candidate = index
        if column + cells > width and not is_space and index > first:
            index = candidate if candidate > first else _fold(text, spans, first, index)
            lines.append(_line(text, spans[first][0], spans[index][0]))
            first = candidate = index
            column = 0
            continue
        column += cells
        index += 1
    if first < len(spans):
        lines.append(_line(text, spans[first][0], len(text)))
    return lines


def _fold(text: str, spans: list[tuple[int, int, int]], first: int, index: int) -> int:
    """Return where to break a word longer than a line: at ``index``, or before if punctuation would be torn off."""
    for earlier in range(index, first, -1):
        start = spans[earlier][0]
        if text[start] not in _NOT_FIRST and text[start - 1] not in _NOT_LAST:
            return earlier
    return index


def _line(text: str, start: int, end: int) -> tuple[int, int]:
    return start, start + len(text[start:end].rstrip(" "))


def _may_break(text: str, start: int) -> bool:
    """Whether a line may begin with the character at ``start``, which is no space."""
    after = text[start]
    before = text[start - 1]
    if before == " ":
        return after not in _NOT_FIRST
    if before in _INSEPARABLE and after == before:
        return False
    if not (_is_wide(after) or _is_wide(before)):
        return False
    return after not in _NOT_FIRST_AFTER_CJK and before not in _NOT_LAST_BEFORE_CJK


def _is_wide(character: str) -> bool:
    return get_character_cell_size(character) == 2
