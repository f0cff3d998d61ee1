"""Ranks with what they are worth: between which ranks a need is when the numbers move. Must not know the database.

A need is surely before another one where even its low end is above the other's high end. So its best rank is one more
than how many are surely before it, and its worst one is the number of those that may be at or before it. Needs of the
same score share a rank.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from attrs import frozen

from crmkit_needs.scoring.formulas import Score

KeyT = TypeVar("KeyT")


@frozen(kw_only=True)
class Rank:
    """The rank of a need by its score, and the best and the worst that it may have."""

    rank: int
    best: int
    worst: int

    @property
    def sure(self) -> bool:
        """Say whether no other rank is possible."""
        return self.best == self.worst


def ranks_of(scores: Mapping[KeyT, Score]) -> dict[KeyT, Rank]:
    """Return the rank of each that has a score, the highest first. Source: ranks of interval data, as in Klein, Wright
    and Wieczorek (2020), J. R. Stat. Soc. A 183(3), with sure intervals in place of confidence intervals."""
    known = {key: each for key, each in scores.items() if each.value is not None}
    values = _sorted([each.value for each in known.values()])
    lows = _sorted([each.low for each in known.values()])
    highs = _sorted([each.high for each in known.values()])
    count = len(known)
    found: dict[KeyT, Rank] = {}
    for key, each in known.items():
        assert each.value is not None
        assert each.low is not None
        assert each.high is not None
        found[key] = Rank(
            rank=1 + count - bisect_right(values, each.value),
            best=1 + count - bisect_right(lows, each.high),
            worst=max(1, count - bisect_left(highs, each.low)),
        )
    return found


def _sorted(values: Sequence[Decimal | None]) -> list[Decimal]:
    return sorted(each for each in values if each is not None)
