"""Customers under contract, who visibly renew or leave at the end of each period: the shifted beta geometric model and
the value of a margin that retention keeps coming.

Fader and Hardie (2007), Journal of Interactive Marketing 21(1), 76 to 90. ``alpha`` and ``beta`` are of the chances of
leaving, which differ between customers: so the retention of a cohort rises as those who leave soon have left. Must not
know the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

from attrs import frozen

from crmkit import InvalidInput, texts
from crmkit_value.extras import library
from crmkit_value.probability.fitting import Maximum, maximise
from crmkit_value.probability.histories import Array, weighted_sum as total

_ = texts("crmkit_value")

NAMES = ("alpha", "beta")
MOST_TERMS = 100_000
Convention = Literal["end", "now"]
"""When the first margin falls: at the end of the first period, or at once."""


@frozen(kw_only=True, eq=False)
class Tenures:
    """How long customers stayed: at place ``t - 1`` how many were ``lost`` in period t, and how many were ``left``
    after t periods and not watched any longer."""

    lost: Array
    left: Array

    @property
    def customers(self) -> float:
        """Return how many customers there are."""
        return float(self.lost.sum() + self.left.sum())


def tenures(cohorts: Sequence[Sequence[float]]) -> Tenures:
    """Return the tenures of cohorts, each with how many there were at the start and after each period.

    Raises InvalidInput where one counts more than before, or less than nought.
    """
    np = library("numpy")
    long = max((len(each) for each in cohorts), default=1) - 1
    lost, left = np.zeros(long), np.zeros(long)
    for each in cohorts:
        counts = np.asarray(each, dtype=float)
        if len(counts) and (counts[-1] < 0 or np.any(np.diff(counts) > 0)):
            raise InvalidInput(
                _("The counts of a cohort must not rise, and there must be three at least."),
                fix=_("Give how many there were at the start and after each period."),
            )
        if len(counts) > 1:
            lost[: len(counts) - 1] += counts[:-1] - counts[1:]
            left[len(counts) - 2] += counts[-1]
    return Tenures(lost=lost, left=left)


def fit_tenures(of: Tenures, start: Sequence[float] = (1.0, 1.0)) -> Maximum:
    """Return the likeliest ``alpha, beta`` of tenures."""
    return maximise(lambda parameters: _likelihood(parameters, of), start)


def fit(kept: Sequence[float]) -> Maximum:
    """Return the likeliest ``alpha, beta`` of a cohort: ``kept`` has how many there were at the start and after each
    period. Raises InvalidInput where that is fewer than three counts, or one is more than the one before."""
    if len(kept) < 3:
        raise InvalidInput(
            _("The counts of a cohort must not rise, and there must be three at least."),
            fix=_("Give how many there were at the start and after each period."),
        )
    return fit_tenures(tenures([kept]))


def log_likelihood(parameters: Sequence[float], kept: Sequence[float]) -> float:
    """Return the logarithm of how likely the counts of a cohort are."""
    return _likelihood(parameters, tenures([kept]))[0]


def slope(parameters: Sequence[float], kept: Sequence[float]) -> Array:
    """Return how the log-likelihood changes with each parameter."""
    return _likelihood(parameters, tenures([kept]))[1]


def survival(parameters: Sequence[float], period: Any) -> Array:
    """Return the share of a cohort that is still here after so many periods, 0 to 1."""
    np, special = library("numpy"), library("scipy.special")
    alpha, beta = parameters
    t = np.asarray(period, dtype=float)
    return np.exp(special.betaln(alpha, beta + t) - special.betaln(alpha, beta))


def retention(parameters: Sequence[float], period: Any) -> Array:
    """Return the share of those here at the start of a period (the first is 1) who are here at its end, 0 to 1."""
    alpha, beta = parameters
    t = library("numpy").asarray(period, dtype=float)
    return (beta + t - 1) / (alpha + beta + t - 1)


def residual(parameters: Sequence[float], renewals: Any, rate: float, convention: Convention = "now") -> Array:
    """Return the discounted number of periods still expected of customers who have renewed so often.

    ``rate`` is that of a period, such as 0.1. With ``now`` the period that the next renewal would begin is about to be
    decided on and counts at once if renewed; with ``end`` it counts a period later.
    """
    np, special = library("numpy"), library("scipy.special")
    alpha, beta = parameters
    n = np.asarray(renewals, dtype=float)
    ratio = (beta + n) / (alpha + beta + n)
    series = special.hyp2f1(1.0, beta + n + 1, alpha + beta + n + 1, 1 / (1 + rate))
    if not np.isfinite(series).all():  # with parameters of many thousands the library gives up
        series = _summed(beta + n + 1, alpha + beta + n + 1, 1 / (1 + rate))
    found = ratio * series
    return found if convention == "now" else found / (1 + rate)


def _summed(b: Array, c: Array, z: float) -> Array:
    """Return the hypergeometric series of 1, b; c at z by its terms, which are positive and fall by z at least."""
    np = library("numpy")
    whole, term, place = np.ones_like(b), np.ones_like(b), 0
    while place < MOST_TERMS and np.max(term / whole) > 1e-14:
        term = term * (b + place) / (c + place) * z
        whole = whole + term
        place += 1
    return whole


def value_of(parameters: Sequence[float], renewals: Any, rate: float, convention: Convention = "end") -> Array:
    """Return how many times the margin of a period customers who have renewed so often are worth now, at the interest
    ``rate`` of a period: as `contract_value`, but with retention that rises as those who leave soon have left.

    ``end``: the first margin falls at the end of the period that begins, of who stays. ``now``: it falls at once.
    """
    later = residual(parameters, renewals, rate, "end")
    return later if convention == "end" else later + 1


def contract_value(margin: Decimal, retention: Decimal, rate: Decimal, convention: Convention = "end") -> Decimal:
    """Return what a margin of each period is worth now when a share ``retention`` of customers stays each period.

    ``end``: m·r / (1 + d − r), the first margin falls at the end of the first period, if the customer stays.
    ``now``: m·(1 + d) / (1 + d − r), the first margin falls at once. Raises InvalidInput where retention is not from 0
    to 1 or the sum would not end.
    """
    if not 0 <= retention <= 1 or rate < 0 or 1 + rate - retention <= 0:
        raise InvalidInput(
            _("With this retention and this rate of interest the value has no bound."),
            fix=_("Retention is from 0 to 1, and below 1 where nothing is discounted."),
        )
    first = retention if convention == "end" else 1 + rate
    return margin * first / (1 + rate - retention)


def _likelihood(parameters: Sequence[float], of: Tenures) -> tuple[float, Array]:
    np, special = library("numpy"), library("scipy.special")
    alpha, beta = (float(each) for each in parameters)
    t = np.arange(1, len(of.lost) + 1)
    lost, left = of.lost, of.left
    betaln, digamma = special.betaln, special.digamma
    base = betaln(alpha, beta)
    likelihood = total(lost, betaln(alpha + 1, beta + t - 1) - base) + total(left, betaln(alpha, beta + t) - base)
    of_sum = digamma(alpha + beta)
    gone = digamma(alpha + beta + t)
    slope = np.array(
        [
            total(lost, digamma(alpha + 1) - gone - digamma(alpha) + of_sum) + total(left, of_sum - gone),
            total(lost, digamma(beta + t - 1) - gone - digamma(beta) + of_sum)
            + total(left, digamma(beta + t) - gone - digamma(beta) + of_sum),
        ]
    )
    return likelihood, slope
