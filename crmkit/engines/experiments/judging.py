"""Differences between arms and the control arm, by the method that was chosen before the experiment was started.

Must not know customers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from crmkit.engines.statistics.comparing import holm, two_proportions, welch
from crmkit.engines.statistics.distributions import Estimate, two_sided
from crmkit.engines.statistics.intervals import Sample, newcombe
from crmkit.engines.statistics.sequential import always_valid
from crmkit.hooks.experiments import Method


@frozen(kw_only=True)
class Way:
    """How differences are judged: the method, the confidence, the bound of the look where looks are planned, and
    whether one may look yet."""

    method: Method
    confidence: float
    bound: float | None
    ready: bool


@frozen(kw_only=True)
class Compared:
    """How much more an arm has than the control arm.

    ``relative`` is the difference as a part of the control arm's value. ``adjusted`` is the p-value after allowing for
    the other comparisons, ``significant`` whether it shows a difference at the experiment's confidence. ``z`` is in
    standard errors; where looks are planned it counts when it exceeds ``bound``, and the p-value is that of one look.
    """

    arm: str
    difference: Estimate
    relative: float | None
    p_value: float
    adjusted: float
    significant: bool
    z: float
    bound: float | None = None


def judge(
    control: Sequence[float], arms: Mapping[str, Sequence[float]], *, share: bool, effect: float, way: Way
) -> list[Compared]:
    """Return the comparison of each arm with the control arm: none before one may look, none of arms with too few.

    ``effect`` is the difference that matters. Several arms are allowed for by Holm's method, or by the bound. Raises
    MissingExtra for means.
    """
    few = 1 if share else 2
    if not way.ready or len(control) < few:
        return []
    found = [
        _compare(name, values, control, share=share, effect=effect, way=way)
        for name, values in arms.items()
        if len(values) >= few
    ]
    if way.bound is not None:
        return found
    adjusted = holm([item.p_value for item in found])
    return [
        evolve(item, adjusted=p_value, significant=p_value <= 1 - way.confidence)
        for item, p_value in zip(found, adjusted, strict=True)
    ]


def _compare(
    name: str, values: Sequence[float], control: Sequence[float], *, share: bool, effect: float, way: Way
) -> Compared:
    one, two = Sample.of(values), Sample.of(control)
    difference, n = one.mean - two.mean, one.n + two.n
    variance = _share_error(one) + _share_error(two) if share else one.error + two.error
    z = difference / math.sqrt(variance) if variance else 0.0
    if way.bound is not None:
        reach, p_value = way.bound * math.sqrt(variance), two_sided(z)
        estimate = Estimate(
            value=difference, low=difference - reach, high=difference + reach, n=n, confidence=way.confidence
        )
    elif way.method == "always_valid":
        estimate, test = always_valid(difference, variance, effect, n, way.confidence)
        p_value = test.p_value
    elif share:
        estimate = newcombe(sum(values), one.n, sum(control), two.n, way.confidence)
        p_value = two_proportions(sum(values), one.n, sum(control), two.n).test.p_value
    else:
        both = welch(one, two, way.confidence)
        estimate, p_value = both.estimate, both.test.p_value
    return Compared(
        arm=name,
        difference=estimate,
        relative=difference / two.mean if two.mean else None,
        p_value=p_value,
        adjusted=p_value,
        significant=way.bound is not None and abs(z) > way.bound,
        z=z,
        bound=way.bound,
    )


def _share_error(sample: Sample) -> float:
    """Return the squared standard error of a share after adding a success and a failure: Agresti & Caffo (2000), The
    American Statistician 54, 280-288. Few observations that are all alike do not make it 0."""
    size = sample.n + 2
    share = (sample.mean * sample.n + 1) / size
    return share * (1 - share) / size
