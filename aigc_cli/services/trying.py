"""Which words of a template to use, and how the votes on them stand."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aigc_cli.core.template import BASE, PromptTemplate
from aigc_cli.feedback import variants

if TYPE_CHECKING:
    from aigc_cli.store import Store


@dataclass(frozen=True, slots=True)
class Standing:
    """The votes on one wording of a version of a template.

    Attributes:
        template: Name, language and version.
        variant: "base" for the template's own words.
        mean: The share of likes to expect.
        low: The lower end of the interval in which it lies with 95 %.
        high: The upper end.
        best: How probable it is that no other wording of the same version is better.
    """

    template: str
    variant: str
    liked: int
    disliked: int
    mean: float
    low: float
    high: float
    best: float


def worded(template: PromptTemplate, store: Store, seed: int | None) -> PromptTemplate:
    """Return the template in the words to use now: those of a variant, or its own.

    As long as nobody has voted on what this version makes, these are its own.

    Args:
        template: In its own words.
        store: Has the votes.
        seed: Same seed, same votes, same words.
    """
    votes = _votes(template, store.lessons.template_votes(template.full_name))
    if not any(map(sum, votes.values())):
        return template
    chosen = variants.choose(votes, random.Random(seed))  # noqa: S311 - no secret
    return template if chosen == BASE else template.in_words_of(chosen)


def standings(store: Store, template: PromptTemplate | None = None) -> list[Standing]:
    """Return how the wordings of all templates that were voted on stand; with ``template``, all wordings of that."""
    by_version: dict[str, dict[str, variants.Votes]] = defaultdict(dict)
    for reference, votes in store.lessons.template_votes(template.full_name if template else "").items():
        version, _, variant = reference.partition("#")
        by_version[version][variant or BASE] = votes
    if template:
        by_version[template.reference] = {**_votes(template, {}), **by_version[template.reference]}
    found = []
    for version, votes_by_variant in sorted(by_version.items()):
        best = variants.chances(votes_by_variant)
        for variant, votes in votes_by_variant.items():
            mean, (low, high) = variants.expected(votes), variants.interval(votes)
            found.append(Standing(version, variant, *votes, mean, low, high, best[variant]))
    return found


def _votes(template: PromptTemplate, known: dict[str, variants.Votes]) -> dict[str, variants.Votes]:
    """Return the votes on each wording of a template, by its name."""
    references = {
        BASE: template.reference,
        **{one.name: f"{template.reference}#{one.name}" for one in template.variants},
    }
    return {name: known.get(reference, (0, 0)) for name, reference in references.items()}
