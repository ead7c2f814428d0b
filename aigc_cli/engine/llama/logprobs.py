"""Log-probabilities from logits, with numpy: loaded only by requests that ask for them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from aigc_cli.engine.llama.binding import C

Logits = npt.NDArray[np.float32]


def logits_of(context: Any, output: int, vocabulary: int) -> Logits:  # noqa: ANN401 - a C pointer
    """Return the logits of entry ``output`` of the last batch, where llama.cpp keeps them."""
    return np.ctypeslib.as_array(C.llama_get_logits_ith(context, output), shape=(vocabulary,))


def logprob_of(logits: Logits, token: int) -> float:
    """Return the natural logarithm of the probability that the softmax of ``logits`` gives to ``token``."""
    peak = logits.max()
    total = np.exp(logits - peak).sum(dtype=np.float64)
    return float(logits[token] - peak) - math.log(total)
