"""The proportional hazards model of Cox: how much each feature hastens leaving, and who has left by when.

Newton's method on the partial likelihood, with ties as Efron (1977) or Breslow (1974) have them. Must not know
features.
"""

from __future__ import annotations

from typing import Any, Literal

from attrs import field, frozen

from crmkit import texts
from crmkit_churn.errors import CannotLearn
from crmkit_churn.extras import library

_ = texts("crmkit_churn")

Ties = Literal["efron", "breslow"]
ROUNDS = 60
FURTHEST = 30.0
"""No hazard is e to this power times another: weights that say so grow without end."""


@frozen(kw_only=True)
class Hazard:
    """What was fitted: ``weights`` (log hazard ratios, with ``errors``), the partial ``log_likelihood`` with them and
    ``at_nothing`` without, and the cumulated hazard of a customer whose features are all 0, by ascending ``times``."""

    weights: tuple[float, ...] = field(converter=tuple)
    errors: tuple[float, ...] = field(converter=tuple)
    log_likelihood: float
    at_nothing: float
    times: tuple[float, ...] = field(converter=tuple)
    cumulated: tuple[float, ...] = field(converter=tuple)


def fit_cox(features: Any, times: Any, left: Any, *, ties: Ties = "efron", ridge: float = 0.0) -> Hazard:
    """Return the model of a matrix of features (a row for each customer), times (days) and whether each left then;
    whoever did not is known to have stayed so long.

    ``ridge`` is the weight of a quadratic penalty on the weights. Raises CannotLearn where nobody left or the weights
    do not settle (a feature separates those who left), MissingExtra without numpy.
    """
    numpy = library("numpy")
    matrix = numpy.asarray(features, dtype=float)
    matrix = matrix.reshape(len(matrix), -1)
    until, gone = numpy.asarray(times, dtype=float), numpy.asarray(left, dtype=bool)
    if not gone.any():
        raise CannotLearn(_("Nobody left, so nothing says what hastens leaving."))
    # Latest first: who is still at risk at a time has been passed already.
    order = numpy.lexsort((~gone, -until))
    matrix, until, gone = matrix[order], until[order], gone[order]
    ends = numpy.flatnonzero(numpy.r_[until[1:] != until[:-1], True]) + 1
    starts = numpy.r_[0, ends[:-1]]
    weights = numpy.zeros(matrix.shape[1])
    value, slope, curve = _partial(numpy, matrix, gone, starts, ends, weights, ties, ridge)
    nothing = value
    for _round in range(ROUNDS):
        step = numpy.linalg.lstsq(curve, slope, rcond=None)[0]
        size = 1.0
        while size > 1e-8:
            tried = weights + size * step
            found, next_slope, next_curve = _partial(numpy, matrix, gone, starts, ends, tried, ties, ridge)
            if numpy.isfinite(found) and found >= value - 1e-12:
                break
            size /= 2
        else:
            break
        done = abs(found - value) < 1e-10 * (abs(value) + 1)
        weights, value, slope, curve = tried, found, next_slope, next_curve
        if done:
            break
    else:
        raise CannotLearn(_("The weights do not settle: a feature tells those who left apart from all others."))
    line = matrix @ weights
    if line.max() - line.min() > FURTHEST:
        raise CannotLearn(_("The weights do not settle: a feature tells those who left apart from all others."))
    spread = numpy.linalg.pinv(curve)
    at, cumulated = _base_line(numpy, matrix, until, gone, starts, ends, weights, ties)
    return Hazard(
        weights=[float(each) for each in weights],
        errors=[float(max(each, 0.0)) ** 0.5 for each in numpy.diag(spread)],
        log_likelihood=float(value + ridge / 2 * weights @ weights),
        at_nothing=float(nothing),
        times=at,
        cumulated=cumulated,
    )


def _partial(
    numpy: Any, matrix: Any, gone: Any, starts: Any, ends: Any, weights: Any, ties: Ties, ridge: float
) -> tuple[float, Any, Any]:
    """Return the penalised partial log-likelihood, its gradient and the negative of its second derivatives."""
    width = matrix.shape[1]
    line = matrix @ weights
    top = line.max(initial=0.0)
    risk = numpy.exp(line - top)
    value, slope, curve = 0.0, numpy.zeros(width), numpy.zeros((width, width))
    s0, s1, s2 = 0.0, numpy.zeros(width), numpy.zeros((width, width))
    for start, end in zip(starts, ends, strict=True):
        rows, own = matrix[start:end], risk[start:end]
        s0 += own.sum()
        s1 = s1 + own @ rows
        s2 = s2 + (rows * own[:, None]).T @ rows
        which = gone[start:end]
        deaths = int(which.sum())
        if not deaths:
            continue
        lost, taken = rows[which], own[which]
        d0, d1, d2 = taken.sum(), taken @ lost, (lost * taken[:, None]).T @ lost
        value += line[start:end][which].sum()
        slope = slope + lost.sum(axis=0)
        for place in range(deaths):
            part = place / deaths if ties == "efron" else 0.0
            a0, a1, a2 = s0 - part * d0, s1 - part * d1, s2 - part * d2
            mean = a1 / a0
            value -= numpy.log(a0) + top
            slope = slope - mean
            curve = curve + a2 / a0 - numpy.outer(mean, mean)
            if ties == "breslow":
                rest = deaths - 1
                value -= rest * (numpy.log(a0) + top)
                slope = slope - rest * mean
                curve = curve + rest * (a2 / a0 - numpy.outer(mean, mean))
                break
    value -= ridge / 2 * weights @ weights
    return float(value), slope - ridge * weights, curve + ridge * numpy.eye(width)


def _base_line(
    numpy: Any, matrix: Any, until: Any, gone: Any, starts: Any, ends: Any, weights: Any, ties: Ties
) -> tuple[list[float], list[float]]:
    risk = numpy.exp(matrix @ weights)
    s0, steps = 0.0, []
    for start, end in zip(starts, ends, strict=True):
        s0 += risk[start:end].sum()
        which = gone[start:end]
        deaths = int(which.sum())
        if deaths:
            d0 = risk[start:end][which].sum()
            parts = [place / deaths if ties == "efron" else 0.0 for place in range(deaths)]
            steps.append((float(until[start]), float(sum(1 / (s0 - part * d0) for part in parts))))
    steps.reverse()
    return [at for at, _step in steps], [float(each) for each in numpy.cumsum([step for _at, step in steps])]


def hazard_until(found_times: Any, cumulated: Any, horizon: float) -> float:
    """Return the cumulated hazard of a customer whose features are all 0 within a number of days."""
    known = [total for at, total in zip(found_times, cumulated, strict=True) if at <= horizon]
    return float(known[-1]) if known else 0.0
