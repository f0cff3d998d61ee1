"""Support, confidence and lift, by hand and against counting."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import permutations

from crmkit_sales.offers.affinity import Limits, Pair, pairs_that_count
from hypothesis import given, strategies as st

EVERYTHING = Limits(together=1, confidence=Decimal(0), lift=Decimal(0))
BASKETS = st.lists(st.sets(st.sampled_from("abcde"), max_size=5), max_size=12)


def test_the_measures_of_a_pair() -> None:
    """Of 10 baskets 4 have tea, 5 a pot, 3 both: support 0.3, confidence 0.75, lift 0.75 / 0.5 = 1.5."""
    pair = Pair(together=3, base=4, other_base=5, whole=10)
    assert (pair.support, pair.confidence, pair.lift) == (Decimal("0.3"), Decimal("0.75"), Decimal("1.5"))


@given(BASKETS)
def test_lift_is_the_same_both_ways(baskets: list[set[str]]) -> None:
    """Support and lift do not depend on the order of the two; confidence times its base is what both have."""
    found = _pairs(baskets, EVERYTHING)
    for (first, second), pair in found.items():
        other = found[second, first]
        assert (pair.support, pair.lift) == (other.support, other.lift)
        assert round(pair.confidence * pair.base, 3) == pair.together
        assert pair.together == sum({first, second} <= each for each in baskets)


@given(BASKETS, st.integers(1, 4), st.integers(0, 10), st.integers(0, 20))
def test_limits_leave_out_what_is_below(baskets: list[set[str]], together: int, confidence: int, lift: int) -> None:
    """Exactly the pairs that reach all three."""
    limits = Limits(together=together, confidence=Decimal(confidence) / 10, lift=Decimal(lift) / 10)
    kept = {
        key
        for key, pair in _pairs(baskets, EVERYTHING).items()
        if pair.together >= together and pair.confidence >= limits.confidence and pair.lift >= limits.lift
    }
    assert set(_pairs(baskets, limits)) == kept


def _pairs(baskets: list[set[str]], limits: Limits) -> dict[tuple[str, str], Pair]:
    together = Counter(pair for each in baskets for pair in permutations(sorted(each), 2))
    bought = Counter(item for each in baskets for item in each)
    whole = sum(bool(each) for each in baskets)
    return pairs_that_count([(*pair, number) for pair, number in together.items()], bought, whole, limits)
