"""How long until something happens, when for some it has not happened yet: Kaplan-Meier and log-rank.

Durations may have any unit, the same throughout. Must not know what is waited for.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from attrs import field, frozen

from crmkit.engines.statistics.distributions import Significance, check_sizes, chi_square_tail, library, quantile
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")


@frozen(kw_only=True)
class SurvivalPoint:
    """The share that is left after a time at which it happened to somebody.

    ``error`` is Greenwood's standard error; ``low`` and ``high`` are None where nobody is left.
    """

    time: float
    at_risk: int
    events: int
    survival: float
    error: float
    low: float | None
    high: float | None


@frozen(kw_only=True)
class Survival:
    """A survival curve: its points by ascending time, and how many were followed."""

    points: tuple[SurvivalPoint, ...] = field(converter=tuple)
    n: int
    confidence: float = 0.95

    def at(self, time: float) -> float:
        """Return the share that is left at a time."""
        return min((point.survival for point in self.points if point.time <= time), default=1.0)

    @property
    def median(self) -> float | None:
        """Return the first time at which no more than half is left, None when more than half is left at the end."""
        return next((point.time for point in self.points if point.survival <= 0.5), None)


def kaplan_meier(durations: Sequence[float], happened: Sequence[bool], confidence: float = 0.95) -> Survival:
    """Estimate the share that is left by the time, from durations and whether it happened at their end.

    Kaplan & Meier (1958), JASA 53, 457-481; standard errors by Greenwood (1926), intervals on the log-log scale by
    Kalbfleisch & Prentice (1980). Raises InvalidInput when the two differ in length.
    """
    ended, left = _counted(durations, happened)
    z, survival, variance, points = quantile(confidence), 1.0, 0.0, list[SurvivalPoint]()
    for time, (at_risk, events) in _at_risk(ended, left).items():
        survival *= 1 - events / at_risk
        low = high = None
        if at_risk > events:
            variance += events / (at_risk * (at_risk - events))
            reach = math.exp(z * math.sqrt(variance) / -math.log(survival))
            low, high = survival**reach, survival ** (1 / reach)
        error = survival * math.sqrt(variance)
        points.append(
            SurvivalPoint(time=time, at_risk=at_risk, events=events, survival=survival, error=error, low=low, high=high)
        )
    return Survival(points=points, n=len(durations), confidence=confidence)


def log_rank(*groups: tuple[Sequence[float], Sequence[bool]]) -> Significance:
    """Test whether groups of (durations, whether it happened) survive alike.

    Mantel (1966), Cancer Chemotherapy Reports 50, 163-170; Peto & Peto (1972), JRSS A 135, 185-207. Raises InvalidInput
    for fewer than two groups, and for those in which it never happened; MissingExtra for more than two.
    """
    check_sizes(groups, 2)
    counted = [_counted(*group) for group in groups]
    ended, left = sum((item[0] for item in counted), Counter()), sum((item[1] for item in counted), Counter())
    size = len(groups) - 1
    excess, covariance = [0.0] * size, [[0.0] * size for _row in range(size)]
    waiting = [sorted(item[1].items(), reverse=True) for item in counted]
    there = [item[1].total() for item in counted]
    for time, (at_risk, events) in _at_risk(ended, left).items():
        for index, queue in enumerate(waiting):
            while queue and queue[-1][0] < time:
                there[index] -= queue.pop()[1]
        shares = [number / at_risk for number in there]
        spread = events * (at_risk - events) / (at_risk - 1) if at_risk > 1 else 0.0
        for i in range(size):
            excess[i] += counted[i][0][time] - events * shares[i]
            for j in range(size):
                covariance[i][j] += spread * shares[i] * ((i == j) - shares[j])
    if min(covariance[i][i] for i in range(size)) <= 0:
        raise InvalidInput([Problem("CK500", _("The groups cannot be compared: it happened in too few of them."))])
    value = excess[0] ** 2 / covariance[0][0] if size == 1 else _form(covariance, excess)
    return Significance(statistic=value, p_value=chi_square_tail(value, size), degrees=size)


def _counted(durations: Sequence[float], happened: Sequence[bool]) -> tuple[Counter[float], Counter[float]]:
    """Return how many ended by the event, and how many left at all, by time."""
    if len(durations) != len(happened):
        raise InvalidInput([Problem("CK500", _("Every duration needs to say whether it happened at its end."))])
    return Counter(time for time, ends in zip(durations, happened, strict=True) if ends), Counter(durations)


def _at_risk(ended: Counter[float], left: Counter[float]) -> dict[float, tuple[int, int]]:
    """Return how many were there and to how many it happened, by ascending time of events."""
    found, there = dict[float, tuple[int, int]](), left.total()
    for time in sorted(left):
        if ended[time]:
            found[time] = (there, ended[time])
        there -= left[time]
    return found


def _form(covariance: list[list[float]], excess: list[float]) -> float:
    algebra = library("numpy").linalg
    return float(algebra.pinv(covariance, hermitian=True).dot(excess).dot(excess))
