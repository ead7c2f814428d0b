"""Reusing what was evaluated under another spelling."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aigc_cli.engine.llama.prefix import align, common_prefix

CONTROL = 0
PIECES = {0: b"", 1: b"a", 2: b"b", 3: b"ab", 4: b"ba", 5: b"aba", 6: "学".encode()[:1], 7: "学".encode()[1:]}
TOKENS = st.lists(st.sampled_from(sorted(PIECES)), max_size=12)


def _align(wanted: list[int], known: list[int]) -> list[int]:
    return align(wanted, known, PIECES.__getitem__, lambda token: token == CONTROL)


def _meaning(tokens: list[int]) -> list[bytes]:
    parts = [b""]
    for token in tokens:
        if token == CONTROL:
            parts.append(b"")
        else:
            parts[-1] += PIECES[token]
    return parts


@given(TOKENS, TOKENS)
def test_alignment_never_changes_the_meaning(wanted: list[int], known: list[int]) -> None:
    """The bytes between control tokens stay those of the prompt, whatever is in memory."""
    assert _meaning(_align(wanted, known)) == _meaning(wanted)


@given(TOKENS, TOKENS)
def test_alignment_never_reuses_less(wanted: list[int], known: list[int]) -> None:
    """At least the tokens that agree as they are begin the result."""
    assert common_prefix(_align(wanted, known), known) >= common_prefix(wanted, known)


def test_an_answer_in_another_spelling_is_kept() -> None:
    """An answer that the model spelled "a", "b" is reused though the tokenizer would spell it "ab"."""
    assert _align([1, 0, 3, 0, 2], [1, 0, 1, 2]) == [1, 0, 1, 2, 0, 2]


def test_a_control_token_is_never_taken_for_text() -> None:
    """Two prompts that differ in where a control token stands share nothing beyond it."""
    assert _align([1, 0, 2], [1, 3]) == [1, 0, 2]
