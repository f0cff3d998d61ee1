"""The model that is used before anything is known of a base."""

from __future__ import annotations

from crmkit_quality.matching.comparisons import Comparison, comparisons_of
from crmkit_quality.matching.model import HOUSEHOLDS, RATE, ComparisonModel, KindModel, LevelModel, share
from crmkit_quality.matching.surnames import SHARES


def shipped_kind(kind: str, customers: int, extra: tuple[Comparison, ...] = ()) -> KindModel:
    """Return the shipped model of a kind of which there are so many customers; ``extra`` are its custom fields."""
    number = max(customers, 2)
    return KindModel(
        kind=kind,
        customers=customers,
        prior=share(RATE, number),
        homes=share(HOUSEHOLDS, number),
        comparisons=tuple(shipped_comparison(each) for each in (*comparisons_of(kind), *extra)),
    )


def shipped_comparison(comparison: Comparison) -> ComparisonModel:
    """Return the shipped model of one comparison."""
    likely = sum(level.m for level in comparison.levels)
    chance = sum(level.u for level in comparison.levels)
    home = sum(level.u if level.home is None else level.home for level in comparison.levels)
    return ComparisonModel(
        name=comparison.name,
        levels=tuple(
            LevelModel(
                name=level.name,
                m=level.m / likely,
                u=level.u / chance,
                home=(level.u if level.home is None else level.home) / home,
                usual=level.usual,
                terms=SHARES if comparison.name == "family name" and level.name == "exact" else {},
            )
            for level in comparison.levels
        ),
    )
