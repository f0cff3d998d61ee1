"""Clusters of similar customers: k-means over standardised scores, whose clusters keep their numbers between runs.

Pure functions over numbers; numpy and scipy (the extra ``crmkit[statistics]``) are loaded when one is called. Must not
know customers or databases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from crmkit.engines.statistics.distributions import library

STARTS = 4
"""How many times the search begins anew; the closest result counts."""
ROUNDS = 100
FEWEST = 2
"""Fewest points for a cluster on average; of fewer nothing can be told."""


@frozen(kw_only=True)
class Clusters:
    """What was found: a centre for each cluster and, by score, the spread by which distances are divided.

    ``separation`` is the simplified silhouette, from -1 to 1: how much nearer points are to their own centre than to
    the next one (Hruschka, Campello & de Castro 2004).
    """

    centres: tuple[tuple[float, ...], ...] = field(converter=lambda rows: tuple(tuple(map(float, row)) for row in rows))
    spreads: tuple[float, ...] = field(converter=lambda values: tuple(map(float, values)))
    sizes: tuple[int, ...] = field(converter=lambda values: tuple(map(int, values)))
    separation: float


def cluster(
    points: Sequence[Sequence[float]],
    number: int,
    *,
    seed: int = 0,
    before: Sequence[Sequence[float]] | None = None,
) -> Clusters | None:
    """Return so many clusters of some points, or None where there are too few points for them.

    Scores are divided by their standard deviation; the centres come in the points' own units. Beginnings are chosen by
    k-means++ (Arthur & Vassilvitskii 2007) from ``seed``, so the same points in the same order give the same clusters.
    With ``before``, the centres of an earlier run, each cluster stands in the place of the earlier one that it is
    nearest to, all in all (Kuhn 1955); else clusters are ordered by their first score. Raises MissingExtra.
    """
    numpy = library("numpy")
    data = numpy.asarray(points, dtype=float)
    if len(data) < FEWEST * number or len(numpy.unique(data, axis=0)) < number:
        return None
    spreads = data.std(axis=0)
    spreads[spreads == 0] = 1.0
    scaled = data / spreads
    random = numpy.random.default_rng(seed)
    found = min((_lloyd(numpy, scaled, number, random) for _start in range(STARTS)), key=lambda each: each[0])
    centres = found[1]
    order = numpy.argsort(centres[:, 0], kind="stable")
    if before is not None and len(before) == number:
        earlier = numpy.asarray(before, dtype=float) / spreads
        rows, columns = library("scipy.optimize").linear_sum_assignment(_distances(numpy, earlier, centres))
        order = columns[numpy.argsort(rows)]
    centres = centres[order]
    distances = _distances(numpy, scaled, centres)
    nearest = distances.argmin(axis=1)
    ordered = numpy.sqrt(numpy.sort(distances, axis=1))
    apart = ordered[:, 1] - ordered[:, 0] if number > 1 else numpy.zeros(len(data))
    separation = (apart / numpy.maximum(ordered[:, min(1, number - 1)], 1e-12)).mean()
    return Clusters(
        centres=centres * spreads,
        spreads=spreads,
        sizes=numpy.bincount(nearest, minlength=number),
        separation=round(float(separation), 6),
    )


def _distances(numpy: Any, points: Any, centres: Any) -> Any:
    """Return the squared distance of every point from every centre."""
    found = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)
    return numpy.maximum(found, 0.0)


def _lloyd(numpy: Any, points: Any, number: int, random: Any) -> tuple[float, Any]:
    """Return the inertia and the centres that one beginning leads to (Lloyd 1982)."""
    centres = _beginning(numpy, points, number, random)
    for _round in range(ROUNDS):
        nearest = _distances(numpy, points, centres).argmin(axis=1)
        moved = centres.copy()
        for place in range(number):
            members = points[nearest == place]
            if len(members):
                moved[place] = members.mean(axis=0)
        if numpy.allclose(moved, centres, rtol=0, atol=1e-9):
            break
        centres = moved
    return float(_distances(numpy, points, centres).min(axis=1).sum()), centres


def _beginning(numpy: Any, points: Any, number: int, random: Any) -> Any:
    chosen = [points[random.integers(len(points))]]
    while len(chosen) < number:
        weights = _distances(numpy, points, numpy.asarray(chosen)).min(axis=1)
        chosen.append(points[random.choice(len(points), p=weights / weights.sum())])
    return numpy.asarray(chosen)
