"""The arithmetic of what is bought together: support, confidence and lift of pairs. Must not know the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TypeVar

from attrs import frozen

Item = TypeVar("Item")

_PLACES = Decimal("0.000001")


@frozen(kw_only=True)
class Limits:
    """From when on a pair counts: how many bought both, the least confidence (0 to 1), the least lift."""

    together: int
    confidence: Decimal
    lift: Decimal


@frozen(kw_only=True)
class Pair:
    """Of ``base`` who bought the first, ``together`` bought the second too, of which ``other_base`` were bought by all
    ``whole``."""

    together: int
    base: int
    other_base: int
    whole: int

    @property
    def support(self) -> Decimal:
        """Return the share of all who bought both, 0 to 1."""
        return _ratio(self.together, self.whole)

    @property
    def confidence(self) -> Decimal:
        """Return the share of those who bought the first who bought the second, 0 to 1."""
        return _ratio(self.together, self.base)

    @property
    def lift(self) -> Decimal:
        """Return how many times this share is the one among all."""
        return _ratio(self.together * self.whole, self.base * self.other_base)


def pairs_that_count(
    together: Iterable[tuple[Item, Item, int]], bought: Mapping[Item, int], whole: int, limits: Limits
) -> dict[tuple[Item, Item], Pair]:
    """Return which products lead to which others: ``together`` has how many bought both, for each order of the two;
    ``bought`` how many bought each, and ``whole`` how many bought anything."""
    found: dict[tuple[Item, Item], Pair] = {}
    for first, second, number in together:
        pair = Pair(together=number, base=bought[first], other_base=bought[second], whole=whole)
        if number >= limits.together and pair.confidence >= limits.confidence and pair.lift >= limits.lift:
            found[first, second] = pair
    return found


def _ratio(part: int, whole: int) -> Decimal:
    return (Decimal(part) / Decimal(whole)).quantize(_PLACES, ROUND_HALF_EVEN) if whole else Decimal(0)
