"""Finding what need not be evaluated again: pure functions on lists of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """Return how many tokens at the beginning of both are the same."""
    shorter = min(len(first), len(second))
    if first[:shorter] == second[:shorter]:
        return shorter
    return next(at for at in range(shorter) if first[at] != second[at])


def align(
    wanted: Sequence[int], known: Sequence[int], piece: Callable[[int], bytes], is_control: Callable[[int], bool]
) -> list[int]:
    """Return tokens that say the same as ``wanted`` and begin with as many of ``known`` as possible.

    A model often spells its answer with other tokens than the tokenizer finds for the same text. When that answer
    comes back in the next prompt, the tokens it was written with are the ones that have been evaluated.

    The bytes of the result are those of ``wanted``, and so are its control tokens, each at the same place.
    """
    here, there = 0, common_prefix(wanted, known)
    here = there
    while here < len(wanted) and there < len(known):
        if wanted[here] == known[there]:
            here, there = here + 1, there + 1
            continue
        met = _meet(wanted, here, known, there, piece, is_control)
        if met is None:
            break
        here, there = met
    return [*known[:there], *wanted[here:]]


def _meet(
    wanted: Sequence[int],
    here: int,
    known: Sequence[int],
    there: int,
    piece: Callable[[int], bytes],
    is_control: Callable[[int], bool],
) -> tuple[int, int] | None:
    """Return the next places in both up to which they spell the same bytes; None if they differ before."""
    ahead = behind = b""
    while True:
        if len(ahead) <= len(behind):
            if here == len(wanted) or is_control(wanted[here]):
                return None
            ahead += piece(wanted[here])
            here += 1
        else:
            if there == len(known) or is_control(known[there]):
                return None
            behind += piece(known[there])
            there += 1
        shorter = min(len(ahead), len(behind))
        if ahead[:shorter] != behind[:shorter]:
            return None
        if len(ahead) == len(behind) and shorter:
            return here, there
