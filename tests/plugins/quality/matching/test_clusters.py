"""Pairs make clusters where their members bear it."""

from __future__ import annotations

import random

from crmkit_quality.matching import CandidatePair, clusters

from tests.plugins.quality.matching.people import id_of


def pair(first: int, second: int, probability: float = 0.99, *, conflict: bool = False) -> CandidatePair:
    """Return a pair of two numbers."""
    return CandidatePair(
        first=id_of(first), second=id_of(second), weight=10.0, probability=probability, conflict=conflict
    )


def members(*pairs: CandidatePair, largest: int = 10, weakest: float = 0.9) -> list[list[int]]:
    """Return the clusters of pairs as numbers."""
    base = id_of(0).int
    return [[each.int - base for each in found.members] for found in clusters(pairs, largest=largest, weakest=weakest)]


def test_three_who_are_all_alike_are_one() -> None:
    """A cluster has all members whose pairs were found, and says how weak its weakest is."""
    (found,) = clusters([pair(1, 2), pair(2, 3), pair(1, 3, 0.95)], largest=10, weakest=0.9)
    assert (len(found.members), found.weakest, len(found.pairs)) == (3, 0.95, 3)


def test_a_chain_is_taken_apart() -> None:
    """Who is like somebody who is like somebody else is not in the same cluster for that."""
    assert members(pair(1, 2, 0.999), pair(2, 3), pair(3, 4, 0.999)) == [[1, 2], [3, 4]]


def test_a_weak_link_keeps_groups_apart() -> None:
    """Two groups stay two where a pair between them is below the weakest allowed."""
    assert members(pair(1, 2, 0.999), pair(2, 3, 0.95), pair(1, 3, 0.6)) == [[1, 2]]


def test_a_conflict_keeps_groups_apart() -> None:
    """Nobody is in a cluster with whom he can't be one."""
    assert members(pair(1, 2, 0.999), pair(2, 3, 0.99), pair(1, 3, 0.99, conflict=True)) == [[1, 2]]


def test_a_cluster_grows_no_larger_than_allowed() -> None:
    """What would exceed the size stays outside, the strongest pairs inside."""
    whole = [pair(one, two, 0.999 if two <= 3 else 0.95) for one in range(1, 6) for two in range(one + 1, 6)]
    assert members(*whole, largest=3) == [[1, 2, 3], [4, 5]]


def test_the_order_of_pairs_makes_no_difference() -> None:
    """Clusters are the same however the pairs come."""
    draw = random.Random(3)
    every = [(one, two) for one in range(1, 20) for two in range(one + 1, 20)]
    pairs = [pair(one, two, draw.uniform(0.85, 1)) for one, two in every if draw.random() < 0.4]
    expected = members(*pairs)
    for _turn in range(5):
        draw.shuffle(pairs)
        assert members(*pairs) == expected
