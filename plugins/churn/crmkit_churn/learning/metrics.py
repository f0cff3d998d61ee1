"""How good probabilities were: discrimination, lift, errors, calibration, and whether one model beats another.

Must not know where probabilities come from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from attrs import asdict, field, frozen

from crmkit.engines.statistics.intervals import wilson
from crmkit_churn.extras import library

BINS = 10
_LEAST = 1e-15


def auc(scores: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """Return the area under the ROC curve: how often who left has a higher score than who stayed, ties count half.

    By the rank sum (Hanley & McNeil 1982). None where only one of the two outcomes occurs.
    """
    order = sorted(range(len(scores)), key=lambda place: scores[place])
    positive = sum(map(bool, outcomes))
    negative = len(scores) - positive
    if not positive or not negative:
        return None
    ranks, place = 0.0, 0
    while place < len(order):
        end = place
        while end < len(order) and scores[order[end]] == scores[order[place]]:
            end += 1
        ranks += (place + end + 1) / 2 * sum(bool(outcomes[order[each]]) for each in range(place, end))
        place = end
    return (ranks - positive * (positive + 1) / 2) / (positive * negative)


def average_precision(scores: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """Return the area under precision and recall as a sum of steps, Σ (Rᵢ − Rᵢ₋₁)·Pᵢ; equal scores are one step.

    None where nobody left.
    """
    order = sorted(range(len(scores)), key=lambda place: -scores[place])
    positive = sum(map(bool, outcomes))
    if not positive:
        return None
    area, hit, place = 0.0, 0, 0
    while place < len(order):
        end, found = place, 0
        while end < len(order) and scores[order[end]] == scores[order[place]]:
            found += bool(outcomes[order[end]])
            end += 1
        hit += found
        area += found / positive * hit / end
        place = end
    return area


def lift_at(scores: Sequence[float], outcomes: Sequence[bool], share: float = 0.1) -> float | None:
    """Return how many times more often than on average those with the highest scores left, of a share of all (0 to 1).

    Customers whose equal scores lie across the cut count by the part that is inside. None where nobody left.
    """
    total, positive = len(scores), sum(map(bool, outcomes))
    if not positive:
        return None
    wanted = max(1.0, total * share)
    order = sorted(range(total), key=lambda place: -scores[place])
    hit, place = 0.0, 0
    while place < total and place < wanted:
        end, found = place, 0
        while end < total and scores[order[end]] == scores[order[place]]:
            found += bool(outcomes[order[end]])
            end += 1
        hit += found * min(1.0, (wanted - place) / (end - place))
        place = end
    return hit / wanted / (positive / total)


def brier(probabilities: Sequence[float], outcomes: Sequence[bool]) -> float:
    """Return the mean of (probability − outcome)² (Brier 1950); 0 is perfect."""
    return math.fsum((p - bool(y)) ** 2 for p, y in zip(probabilities, outcomes, strict=True)) / len(probabilities)


def log_loss(probabilities: Sequence[float], outcomes: Sequence[bool]) -> float:
    """Return the mean negative logarithm of the probability of what happened."""
    kept = [min(max(p, _LEAST), 1 - _LEAST) for p in probabilities]
    return -math.fsum(math.log(p if y else 1 - p) for p, y in zip(kept, outcomes, strict=True)) / len(kept)


@frozen(kw_only=True)
class Band:
    """Customers of one band of probabilities: how many, what was said on average, and which share of them left, with
    its 95 % interval (Wilson 1927)."""

    low: float
    high: float
    n: int
    said: float
    left: float
    left_low: float
    left_high: float


def reliability(probabilities: Sequence[float], outcomes: Sequence[bool], bins: int = BINS) -> list[Band]:
    """Return the bands of equal width in which there is anybody."""
    held: dict[int, list[tuple[float, bool]]] = {}
    for p, y in zip(probabilities, outcomes, strict=True):
        held.setdefault(min(int(p * bins), bins - 1), []).append((p, bool(y)))
    found: list[Band] = []
    for band, pairs in sorted(held.items()):
        left = sum(y for _p, y in pairs)
        interval = wilson(left, len(pairs))
        found.append(
            Band(
                low=band / bins,
                high=(band + 1) / bins,
                n=len(pairs),
                said=math.fsum(p for p, _y in pairs) / len(pairs),
                left=left / len(pairs),
                left_low=interval.low or 0.0,
                left_high=1.0 if interval.high is None else interval.high,
            )
        )
    return found


def ece(probabilities: Sequence[float], outcomes: Sequence[bool], bins: int = BINS) -> float:
    """Return the expected calibration error: |what was said − what happened| by bands of equal width, weighted by how
    many are in each (Naeini, Cooper & Hauskrecht 2015)."""
    bands = reliability(probabilities, outcomes, bins)
    return math.fsum(each.n * abs(each.said - each.left) for each in bands) / len(probabilities)


@frozen(kw_only=True)
class Quality:
    """How good probabilities were among ``n`` customers of whom ``left`` left. ``auc``, ``pr_auc`` and ``lift`` are
    None where only one outcome occurs; ``lift`` is that of the highest tenth."""

    n: int
    left: int
    auc: float | None
    pr_auc: float | None
    lift: float | None
    brier: float
    log_loss: float
    ece: float
    accuracy: float
    bands: tuple[Band, ...] = field(converter=tuple, repr=False)

    def document(self) -> dict[str, Any]:
        """Return it as plain names and numbers."""
        return asdict(self)


def quality(probabilities: Sequence[float], outcomes: Sequence[bool]) -> Quality:
    """Return all figures of some probabilities; there is at least one."""
    right = sum((p >= 0.5) == bool(y) for p, y in zip(probabilities, outcomes, strict=True))
    return Quality(
        n=len(probabilities),
        left=sum(map(bool, outcomes)),
        auc=auc(probabilities, outcomes),
        pr_auc=average_precision(probabilities, outcomes),
        lift=lift_at(probabilities, outcomes),
        brier=brier(probabilities, outcomes),
        log_loss=log_loss(probabilities, outcomes),
        ece=ece(probabilities, outcomes),
        accuracy=right / len(probabilities),
        bands=reliability(probabilities, outcomes),
    )


def quality_of(document: dict[str, Any]) -> Quality:
    """Return the figures that were kept as a document."""
    return Quality(**{**document, "bands": [Band(**each) for each in document["bands"]]})


@frozen(kw_only=True)
class Gain:
    """By how much the squared error of a model is below that of its base line, with the 95 % interval over customers;
    above 0 the model is better."""

    value: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Say whether the model is better beyond what chance explains."""
        return self.low > 0


def gain(model: Sequence[float], base: Sequence[float], outcomes: Sequence[bool], *, seed: int = 0) -> Gain:
    """Return by how much a model beats its base line on the same customers (paired bootstrap of the Brier scores).

    Raises MissingExtra.
    """
    numpy = library("numpy")
    said, other, truth = (numpy.asarray(each, dtype=float) for each in (model, base, outcomes))
    better = (other - truth) ** 2 - (said - truth) ** 2
    chance = numpy.random.default_rng(seed)
    means = [float(better[chance.integers(0, len(better), len(better))].mean()) for _round in range(500)]
    low, high = numpy.quantile(means, [0.025, 0.975])
    return Gain(value=float(better.mean()), low=float(low), high=float(high))
