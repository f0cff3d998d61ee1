"""From scores to probabilities that can be believed: by a curve (Platt) or by steps (isotonic).

Both are learnt from scores of customers whom the model had not seen, and are kept as numbers. Must not know models.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import field, frozen

Way = Literal["none", "platt", "isotonic"]
FEWEST_FOR_STEPS = 1000
"""With fewer who left, or who stayed, steps follow chance; then a curve is taken."""


def sigmoid(log_odds: float) -> float:
    """Return the probability of some log-odds, without overflow."""
    if log_odds >= 0:
        return 1 / (1 + math.exp(-min(log_odds, 700.0)))
    power = math.exp(max(log_odds, -700.0))
    return power / (1 + power)


@frozen(kw_only=True)
class Calibration:
    """What makes a score a probability. "platt" is sigmoid(slope · score + shift); "isotonic" reads it off steps
    between whose middles it is interpolated: ``places`` ascend, ``levels`` do not descend."""

    way: Way = "none"
    slope: float = 1.0
    shift: float = 0.0
    places: tuple[float, ...] = field(default=(), converter=tuple)
    levels: tuple[float, ...] = field(default=(), converter=tuple)

    def probability(self, score: float) -> float:
        """Return the probability of a score, 0 to 1."""
        if self.way != "isotonic" or not self.places:
            return sigmoid(self.slope * score + self.shift)
        right = bisect_right(self.places, score)
        if right == 0:
            return self.levels[0]
        if right == len(self.places):
            return self.levels[-1]
        low, high = self.places[right - 1], self.places[right]
        part = (score - low) / (high - low)
        return self.levels[right - 1] * (1 - part) + self.levels[right] * part

    def document(self) -> dict[str, Any]:
        """Return it as plain names and numbers."""
        return {
            "way": self.way,
            "slope": self.slope,
            "shift": self.shift,
            "places": list(self.places),
            "levels": list(self.levels),
        }


def calibration_of(document: Mapping[str, Any]) -> Calibration:
    """Return the calibration that was kept as a document."""
    return Calibration(**document)


def calibrate(scores: Sequence[float], outcomes: Sequence[bool], way: Way = "platt") -> Calibration:
    """Return what makes scores probabilities by what became of customers whom the model had not seen.

    Steps are taken only where there are enough of either outcome; with one outcome alone nothing is changed.
    """
    left = sum(map(bool, outcomes))
    fewest = min(left, len(outcomes) - left)
    if way == "none" or not fewest:
        return Calibration()
    return isotonic(scores, outcomes) if way == "isotonic" and fewest >= FEWEST_FOR_STEPS else platt(scores, outcomes)


def platt(scores: Sequence[float], outcomes: Sequence[bool]) -> Calibration:
    """Return the curve of Platt (1999) by Newton's method as Lin, Lin & Weng (2007) have it.

    Outcomes are taken for a little less than sure. A model that is right the wrong way round knows nothing: then the
    rate alone counts.
    """
    many = sum(map(bool, outcomes))
    few = len(outcomes) - many
    high, low = (many + 1) / (many + 2), 1 / (few + 2)
    targets = [high if y else low for y in outcomes]
    slope, shift = 0.0, math.log((many + 1) / (few + 1))

    def loss(a: float, b: float) -> float:
        total = 0.0
        for score, target in zip(scores, targets, strict=True):
            value = a * score + b
            total += (math.log1p(math.exp(-abs(value))) + max(value, 0.0)) - target * value
        return total

    best = loss(slope, shift)
    for _round in range(100):
        g1 = g2 = h21 = 0.0
        h11 = h22 = 1e-12
        for score, target in zip(scores, targets, strict=True):
            p = sigmoid(slope * score + shift)
            error, spread = p - target, p * (1 - p)
            g1, g2 = g1 + score * error, g2 + error
            h11, h22, h21 = h11 + score * score * spread, h22 + spread, h21 + score * spread
        if abs(g1) < 1e-7 and abs(g2) < 1e-7:
            break
        det = h11 * h22 - h21 * h21
        da, db = -(h22 * g1 - h21 * g2) / det, -(h11 * g2 - h21 * g1) / det
        step, slope_of_loss = 1.0, g1 * da + g2 * db
        while step >= 1e-10:
            tried = loss(slope + step * da, shift + step * db)
            if tried < best + 1e-4 * step * slope_of_loss:
                slope, shift, best = slope + step * da, shift + step * db, tried
                break
            step /= 2
        else:
            break
    if slope > 0:
        return Calibration(way="platt", slope=slope, shift=shift)
    return Calibration(way="platt", slope=0.0, shift=math.log((many + 1) / (few + 1)))


def isotonic(scores: Sequence[float], outcomes: Sequence[bool]) -> Calibration:
    """Return the steps that fit best among those that never descend (pool adjacent violators, Ayer et al. 1955).

    Each step's first and last score has its level. Levels stay a little away from 0 and 1, by half a customer.
    """
    blocks: list[list[float]] = []
    for score, outcome in sorted(zip(scores, map(float, outcomes), strict=True)):
        if blocks and blocks[-1][3] == score:
            blocks[-1][0] += outcome
            blocks[-1][1] += 1
        else:
            blocks.append([outcome, 1.0, score, score])
    merged: list[list[float]] = []
    for block in blocks:
        merged.append(block)
        while len(merged) > 1 and merged[-2][0] * merged[-1][1] >= merged[-1][0] * merged[-2][1]:
            last = merged.pop()
            merged[-1] = [merged[-1][0] + last[0], merged[-1][1] + last[1], merged[-1][2], last[3]]
    edge = 0.5 / len(scores)
    places: list[float] = []
    levels: list[float] = []
    for left, n, first, last in merged:
        level = min(max(left / n, edge), 1 - edge)
        places.append(first)
        levels.append(level)
        if last > first:
            places.append(last)
            levels.append(level)
    return Calibration(way="isotonic", places=places, levels=levels)
