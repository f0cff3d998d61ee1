"""Finding clusters: how many there are, what each is like, how firmly it stands; numbers in, numbers out.

Clusters themselves are found as the kernel finds them, so that a dimension by the same scores has the same ones. Must
not know customers or the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from attrs import field, frozen

from crmkit import cluster
from crmkit_analytics.extras import library

REFERENCES = 5
RESAMPLES = 10


@frozen(kw_only=True)
class Choice:
    """How well so many clusters fit: the simplified silhouette (−1 to 1), the same of points without any structure in
    the same range, and the gap statistic with its error (Tibshirani, Walther & Hastie 2001)."""

    number: int
    separation: float
    without: float
    gap: float
    error: float
    sizes: tuple[int, ...] = field(converter=tuple)


@frozen(kw_only=True)
class Profile:
    """What one cluster is like: its size, its mean of each score, by how many deviations that is off the mean of all,
    and its mean Jaccard index over resamples (Hennig 2007): above 0.75 it stands firmly, below 0.6 it does not."""

    size: int
    means: tuple[float, ...] = field(converter=tuple)
    off: tuple[float, ...] = field(converter=tuple)
    stability: float


def choices(points: Any, numbers: Sequence[int], seed: int) -> list[Choice]:
    """Return how well each number of clusters fits; numbers for which there are too few points are left out."""
    numpy = library("numpy")
    random = numpy.random.default_rng(seed)
    low, high = points.min(axis=0), points.max(axis=0)
    references = [random.uniform(low, high, points.shape) for _each in range(REFERENCES)]
    found: list[Choice] = []
    for number in numbers:
        made = cluster(points.tolist(), number, seed=seed)
        if made is None:
            continue
        others = [cluster(each.tolist(), number, seed=seed) for each in references]
        known = [each for each in others if each is not None]
        if not known:
            continue
        logs = [
            numpy.log(_inertia(numpy, each, other)) for each, other in zip(references, others, strict=True) if other
        ]
        own = numpy.log(_inertia(numpy, points, made))
        found.append(
            Choice(
                number=number,
                separation=made.separation,
                without=round(float(numpy.mean([each.separation for each in known])), 6),
                gap=round(float(numpy.mean(logs) - own), 6),
                error=round(float(numpy.std(logs) * (1 + 1 / len(logs)) ** 0.5), 6),
                sizes=made.sizes,
            )
        )
    return found


def by_gap(found: Sequence[Choice]) -> int | None:
    """Return the smallest number whose gap is no less than the next one's less its error; None of fewer than two."""
    for here, following in pairwise(found):
        if here.gap >= following.gap - following.error:
            return here.number
    return None


def profiles(points: Any, centres: Sequence[Sequence[float]], spreads: Sequence[float], seed: int) -> list[Profile]:
    """Return what each cluster is like, in the order of the centres."""
    numpy = library("numpy")
    scaled, middle = points / numpy.asarray(spreads), numpy.asarray(centres) / numpy.asarray(spreads)
    label = _nearest(numpy, scaled, middle)
    whole, deviation = points.mean(axis=0), points.std(axis=0)
    deviation[deviation == 0] = 1.0
    firm = _stability(numpy, points, label, len(middle), seed)
    found: list[Profile] = []
    for place in range(len(middle)):
        members = points[label == place]
        means = members.mean(axis=0) if len(members) else whole
        found.append(
            Profile(
                size=len(members),
                means=[round(float(each), 6) for each in means],
                off=[round(float(each), 3) for each in (means - whole) / deviation],
                stability=round(firm[place], 3),
            )
        )
    return found


def _stability(numpy: Any, points: Any, label: Any, number: int, seed: int) -> list[float]:
    random = numpy.random.default_rng(seed)
    sums = [0.0] * number
    done = 0
    for _each in range(RESAMPLES):
        drawn = points[random.integers(0, len(points), len(points))]
        made = cluster(drawn.tolist(), number, seed=seed)
        if made is None:
            continue
        spreads = numpy.asarray(made.spreads)
        other = _nearest(numpy, points / spreads, numpy.asarray(made.centres) / spreads)
        done += 1
        for place in range(number):
            own = label == place
            sums[place] += max(
                float((own & (other == each)).sum() / max((own | (other == each)).sum(), 1)) for each in range(number)
            )
    return [each / done if done else 0.0 for each in sums]


def _nearest(numpy: Any, scaled: Any, centres: Any) -> Any:
    return numpy.stack([((scaled - each) ** 2).sum(axis=1) for each in centres], axis=1).argmin(axis=1)


def _inertia(numpy: Any, points: Any, made: Any) -> float:
    spreads = numpy.asarray(made.spreads)
    scaled, centres = points / spreads, numpy.asarray(made.centres) / spreads
    nearest = numpy.stack([((scaled - each) ** 2).sum(axis=1) for each in centres], axis=1).min(axis=1)
    return max(float(nearest.sum()), 1e-12)
