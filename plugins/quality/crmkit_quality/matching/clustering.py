"""Which pairs belong together: clusters of customers who are all one, guarded against chains.

Who is like somebody who is like somebody else need not be like the first: one wrong pair would put two groups of people
together. So clusters grow from the best pair on and only where their members bear it. Must not know how pairs are
found.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from crmkit_quality.matching.values import CandidatePair, Cluster

LINKED = 0.5
"""The least share of pairs between two groups that has to have been found before they are put together."""


def clusters(pairs: Iterable[CandidatePair], *, largest: int, weakest: float) -> tuple[Cluster, ...]:
    """Return the clusters of pairs, each with ``largest`` members at most, those with the most members first.

    Two groups are put together by the best pair between them: when that is as probable as ``weakest`` (0 to 1), when no
    pair between them is in conflict or less probable than that, and when half of the pairs between them were found.
    What a guard keeps apart stays a cluster of its own. The result does not depend on the order of the pairs.
    """
    best = sorted(pairs, key=lambda pair: (-pair.probability, -pair.weight, pair.first, pair.second))
    known = {(pair.first, pair.second): pair for pair in best}
    group: dict[UUID, list[UUID]] = {}
    for pair in best:
        if pair.probability < weakest or pair.conflict:
            continue
        one = group.setdefault(pair.first, [pair.first])
        other = group.setdefault(pair.second, [pair.second])
        if one is other or len(one) + len(other) > largest or not _bears(one, other, known, weakest):
            continue
        one.extend(other)
        for member in other:
            group[member] = one
    found = {id(members): members for members in group.values() if len(members) > 1}
    made = [_cluster(sorted(members), known) for members in found.values()]
    return tuple(sorted(made, key=lambda cluster: (-len(cluster.members), cluster.members)))


def _bears(one: list[UUID], other: list[UUID], known: dict[tuple[UUID, UUID], CandidatePair], weakest: float) -> bool:
    linked = 0
    for left in one:
        for right in other:
            pair = known.get((left, right) if left < right else (right, left))
            if pair is None:
                continue
            if pair.conflict or pair.probability < weakest:
                return False
            linked += 1
    return linked >= LINKED * len(one) * len(other)


def _cluster(members: list[UUID], known: dict[tuple[UUID, UUID], CandidatePair]) -> Cluster:
    inside = [
        pair
        for place, left in enumerate(members)
        for right in members[place + 1 :]
        if (pair := known.get((left, right))) is not None
    ]
    return Cluster(members=tuple(members), pairs=tuple(inside), weakest=min(pair.probability for pair in inside))
