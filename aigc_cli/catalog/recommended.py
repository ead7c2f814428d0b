"""The shipped catalog of models worth fetching."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from aigc_cli.core.model import RecommendedModel

_SHARE = 0.75  # of the memory that is free; the rest is for everything else that runs


@cache
def recommended() -> tuple[RecommendedModel, ...]:
    """Return the models of the catalog, from the least to the most able."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    text = files("aigc_cli.catalog").joinpath("catalog.toml").read_text(encoding="utf-8")
    return tuple(
        RecommendedModel(**entry | {"languages": tuple(entry["languages"])}) for entry in tomllib.loads(text)["model"]
    )


def recommend(memory: int, models: Sequence[RecommendedModel]) -> RecommendedModel:
    """Return the ablest of ``models`` that works well on a CPU with ``memory`` bytes free, else the first."""
    fitting = [model for model in models if not model.gpu and model.memory <= memory * _SHARE]
    return fitting[-1] if fitting else models[0]
