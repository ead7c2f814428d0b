"""How the next token is drawn: a chain of llama.cpp's own samplers."""

from __future__ import annotations

import ctypes
from typing import Any

from aigc_cli.core.errors import BadGrammar
from aigc_cli.core.request import Sampling
from aigc_cli.core.text import N_
from aigc_cli.engine.llama.binding import C, last_errors
from aigc_cli.engine.llama.model import Model

_DRY_BASE = 1.75
_DRY_ALLOWED_LENGTH = 2
_DRY_BREAKERS = (b"\n", b":", b'"', b"*", "。".encode(), "，".encode())
_GRAMMAR_ROOT = b"root"
_SEEDS = 1 << 32


class Sampler:
    """Draws the tokens of one answer.

    Args:
        model: The model whose tokens are drawn.
        sampling: The settings.
        seed: Every draw follows from it.
        grammar: GBNF that the answer must satisfy; empty for none.

    Raises:
        BadGrammar: if llama.cpp cannot read ``grammar``.
    """

    def __init__(self, model: Model, sampling: Sampling, seed: int, grammar: str = "") -> None:
        self._chain = _chain(model, sampling, seed % _SEEDS)
        self._grammar: Any = None
        if grammar:
            last_errors()
            self._grammar = C.llama_sampler_init_grammar(model.vocab, grammar.encode("utf-8"), _GRAMMAR_ROOT)
            if not self._grammar:
                self.close()
                raise BadGrammar(detail=last_errors() or N_("llama.cpp cannot read it"))
            self._candidates = _Candidates(model.vocabulary)

    def draw(self, context: Any, output: int) -> int:  # noqa: ANN401 - a C pointer
        """Return the next token, given the logits of entry ``output`` of the last batch."""
        if self._grammar is None:
            return int(C.llama_sampler_sample(self._chain, context, output))
        return self._draw_allowed(C.llama_get_logits_ith(context, output))

    def close(self) -> None:
        """Free the samplers."""
        for sampler in filter(None, (self._chain, self._grammar)):
            C.llama_sampler_free(sampler)
        self._chain = self._grammar = None

    def _draw_allowed(self, logits: Any) -> int:  # noqa: ANN401 - a C pointer
        """Draw from all tokens and look at the grammar afterwards: checking one is far cheaper than all of them.

        Only a token that the grammar forbids is drawn again, from those it allows.
        """
        token = self._candidates.draw(logits, self._chain)
        if not self._candidates.allowed(token, self._grammar):
            token = self._candidates.draw(logits, self._grammar, self._chain)
        C.llama_sampler_accept(self._grammar, token)
        C.llama_sampler_accept(self._chain, token)
        return token


class _Candidates:
    """Every token with its logit, in the form in which samplers take them."""

    def __init__(self, vocabulary: int) -> None:
        import numpy as np

        self._np = np
        self._size = vocabulary
        self._all = (C.llama_token_data * vocabulary)()
        self._one = (C.llama_token_data * 1)()
        self._fields = np.frombuffer(self._all, dtype=[("id", "i4"), ("logit", "f4"), ("p", "f4")])
        self._ids = np.arange(vocabulary, dtype="i4")

    def draw(self, logits: Any, *samplers: Any) -> int:  # noqa: ANN401 - C pointers
        """Return the token that the last of ``samplers`` selects."""
        self._fields["id"] = self._ids
        self._fields["logit"] = self._np.ctypeslib.as_array(logits, shape=(self._size,))
        array = C.llama_token_data_array(data=self._all, size=self._size, selected=-1, sorted=False)
        for sampler in samplers:
            C.llama_sampler_apply(sampler, ctypes.byref(array))
        return int(array.data[array.selected].id)

    def allowed(self, token: int, grammar: Any) -> bool:  # noqa: ANN401 - a C pointer
        """Return whether ``grammar`` can go on with ``token``."""
        self._one[0] = C.llama_token_data(id=token, logit=1.0, p=0.0)
        array = C.llama_token_data_array(data=self._one, size=1, selected=-1, sorted=False)
        C.llama_sampler_apply(grammar, ctypes.byref(array))
        return bool(self._one[0].logit > float("-inf"))


def _chain(model: Model, sampling: Sampling, seed: int) -> Any:  # noqa: ANN401 - a C pointer
    """Build the chain in the order that llama.cpp's own programs use."""
    params = C.llama_sampler_chain_default_params()
    params.no_perf = True
    chain = C.llama_sampler_chain_init(params)
    for sampler in (*_penalties(model, sampling), *_selection(sampling, seed)):
        C.llama_sampler_chain_add(chain, sampler)
    return chain


def _penalties(model: Model, sampling: Sampling) -> list[Any]:
    samplers = []
    if sampling.logit_bias:
        biases = [C.llama_logit_bias(token, bias) for token, bias in sampling.logit_bias.items()]
        array = (C.llama_logit_bias * len(biases))(*biases)
        samplers.append(C.llama_sampler_init_logit_bias(model.vocabulary, len(biases), array))
    last_n = model.trained_context if sampling.repeat_last_n < 0 else sampling.repeat_last_n
    penalties = (sampling.repeat_penalty, sampling.frequency_penalty, sampling.presence_penalty)
    if penalties != (1.0, 0.0, 0.0) and last_n:
        samplers.append(C.llama_sampler_init_penalties(model.vocabulary, last_n, *penalties))
    if sampling.dry_multiplier:
        breakers = (ctypes.c_char_p * len(_DRY_BREAKERS))(*_DRY_BREAKERS)
        dry = (sampling.dry_multiplier, _DRY_BASE, _DRY_ALLOWED_LENGTH, model.trained_context)
        samplers.append(C.llama_sampler_init_dry(model.vocab, *dry, breakers, len(breakers)))
    return samplers


def _selection(sampling: Sampling, seed: int) -> list[Any]:
    if sampling.temperature <= 0:
        return [C.llama_sampler_init_greedy()]
    samplers = []
    if sampling.top_k > 0:
        samplers.append(C.llama_sampler_init_top_k(sampling.top_k))
    if sampling.top_p < 1:
        samplers.append(C.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0:
        samplers.append(C.llama_sampler_init_min_p(sampling.min_p, 1))
    if sampling.xtc_probability > 0:
        samplers.append(C.llama_sampler_init_xtc(sampling.xtc_probability, sampling.xtc_threshold, 1, seed))
    return [*samplers, C.llama_sampler_init_temp(sampling.temperature), C.llama_sampler_init_dist(seed)]
