"""The BG/NBD model: customers buy at rates of their own, and after each purchase some leave for good.

Rates are gamma distributed (``r``, ``alpha``), the chances of leaving beta distributed (``a``, ``b``). Fader, Hardie
and Lee (2005), Marketing Science 24(2), 275 to 284. Everything is in logarithms, and the hypergeometric function is
taken in the form of Euler's transformation, whose parameters stay small however often somebody bought. Must not know
the database.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from crmkit_value.extras import library
from crmkit_value.probability.fitting import Maximum, maximise
from crmkit_value.probability.histories import Array, Histories, packed, weighted_sum as total

NAMES = ("r", "alpha", "a", "b")
START = (1.0, 1.0, 1.0, 1.0)
_NEAR = 1e-5
_LARGEST = 7.0
"""The bound of logarithms: with a and b of a thousand customers leave alike, and powers of them still are numbers."""


def fit(of: Histories, start: Sequence[float] | None = None) -> Maximum:
    """Return the likeliest parameters ``r, alpha, a, b`` of some histories, in the order of `NAMES`."""
    known = _Known(packed(of))
    return maximise(known.likelihood, start if start is not None else known.start(), _LARGEST)


def log_likelihood(parameters: Sequence[float], of: Histories) -> float:
    """Return the logarithm of how likely the histories are."""
    return _Known(of).likelihood(parameters)[0]


def slope(parameters: Sequence[float], of: Histories) -> Array:
    """Return how the log-likelihood changes with each parameter."""
    return _Known(of).likelihood(parameters)[1]


def p_alive(parameters: Sequence[float], x: Any, t_x: Any, T: Any) -> Array:
    """Return the probability that a customer has not left; 1 for who has not bought again: the model lets nobody leave
    before that."""
    np, special = library("numpy"), library("scipy.special")
    r, alpha, a, b = parameters
    x, t_x, T = (np.asarray(each, dtype=float) for each in (x, t_x, T))
    bought = np.maximum(x, 1.0)
    odds = np.log(a) - np.log(b + bought - 1) + (r + x) * (np.log(alpha + T) - np.log(alpha + t_x))
    return np.where(x > 0, special.expit(-odds), 1.0)


def expected(parameters: Sequence[float], x: Any, t_x: Any, T: Any, t: Any) -> Array:
    """Return how many purchases are expected of a customer in the time ``t`` after the end of observation."""
    np = library("numpy")
    x, t_x, T = (np.asarray(each, dtype=float) for each in (x, t_x, T))
    return expected_of_alive(parameters, x, T, t) * p_alive(parameters, x, t_x, T)


def expected_of_alive(parameters: Sequence[float], x: Any, T: Any, t: Any) -> Array:
    """Return how many purchases are expected in the time ``t`` of a customer of whom it is known that they are here."""
    np, special = library("numpy"), library("scipy.special")
    r, alpha, a, b = parameters
    if abs(a - 1) < _NEAR:  # the formula is nought by nought at 1, and continuous there
        a = 1 + _NEAR
    x, T, t = (np.asarray(each, dtype=float) for each in (x, T, t))
    rest = np.log1p(-t / (alpha + T + t))
    share = t / (alpha + T + t)
    series = special.hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, share)
    if not np.isfinite(series).all():
        series = np.where(np.isfinite(series), series, _summed(a + b - 1 - r, a - 1, a + b + x - 1, share))
    return (a + b + x - 1) / (a - 1) * -(np.expm1((a - 1) * rest) + np.exp((a - 1) * rest) * (series - 1))


def _summed(a: float, b: float, c: Array, z: Array) -> Array:
    """Return Gauss's hypergeometric function by its series, for ``0 <= z < 1``: scipy (1.17) answers with an infinite
    number for some parameters that are whole numbers, such as ``hyp2f1(2, 1, 101, 0.9)``."""
    np = library("numpy")
    term = total = np.ones(np.broadcast(c, z).shape)
    for number in itertools.count():
        term = term * ((a + number) * (b + number) / ((c + number) * (number + 1))) * z
        total = total + term
        if (abs(term) <= 1e-16 * abs(total)).all():
            return total
    raise AssertionError  # the series of a z below 1 converges


def expected_of_new(parameters: Sequence[float], t: Any) -> Array:
    """Return how many further purchases are expected of a new customer in the time ``t`` after their first one."""
    return expected_of_alive(parameters, 0.0, 0.0, t)


class _Known:
    """What does not change while parameters are looked for."""

    def __init__(self, of: Histories) -> None:
        np = library("numpy")
        self.of = of
        self.again = of.x > 0
        self.counts, self.place = np.unique(of.x, return_inverse=True)
        self.by_count = np.bincount(self.place, weights=of.weight, minlength=len(self.counts))
        self.weight = of.weight.sum()

    def start(self) -> tuple[float, ...]:
        """Return a starting point of about the right size: the rate of buying sets ``alpha``."""
        bought, time = float((self.of.x * self.of.weight).sum()), float((self.of.T * self.of.weight).sum())
        if not bought or not time:
            return START
        return (0.5, max(1e-3, 0.5 * time / bought), 0.8, 2.0)

    def likelihood(self, parameters: Sequence[float]) -> tuple[float, Array]:
        np, special = library("numpy"), library("scipy.special")
        r, alpha, a, b = (float(each) for each in parameters)
        of, counts = self.of, self.counts
        digamma, gammaln = special.digamma, special.gammaln
        bought = np.maximum(counts, 1.0)
        late, early = np.log(alpha + of.T), np.log(alpha + of.t_x)
        rate = r + of.x
        odds = np.where(self.again, (np.log(a) - np.log(b + bought - 1))[self.place] + rate * (late - early), -np.inf)
        gone = np.where(self.again, special.expit(odds), 0.0)
        here = 1 - gone
        each = -rate * late + np.logaddexp(0.0, odds)
        common = (
            gammaln(r + counts)
            - gammaln(r)
            + r * np.log(alpha)
            + gammaln(a + b)
            + gammaln(b + counts)
            - gammaln(b)
            - gammaln(a + b + counts)
        )
        weight, by_count, whole = of.weight, self.by_count, self.weight
        likelihood = total(weight, each) + total(by_count, common)
        left = np.bincount(self.place, weights=weight * gone, minlength=len(counts))
        time = here * late + gone * early
        rest = rate * (here / (alpha + of.T) + gone / (alpha + of.t_x))
        slope = np.array(
            [
                total(by_count, digamma(r + counts)) + whole * (np.log(alpha) - digamma(r)) - total(weight, time),
                whole * r / alpha - total(weight, rest),
                whole * digamma(a + b) - total(by_count, digamma(a + b + counts)) + left.sum() / a,
                whole * (digamma(a + b) - digamma(b))
                + total(by_count, digamma(b + counts) - digamma(a + b + counts))
                - total(left, 1 / (b + bought - 1)),
            ]
        )
        return likelihood, slope
