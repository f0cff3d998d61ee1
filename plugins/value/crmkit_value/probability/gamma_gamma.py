"""The Gamma–Gamma model of what a purchase is worth: customers spend around means of their own.

Parameters ``p``, ``q``, ``gamma``; Fader and Hardie (2013), note 025. It takes for granted that how much somebody
spends has nothing to do with how often: `correlation` says how far that holds. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmkit_value.extras import library
from crmkit_value.probability.fitting import Maximum, maximise
from crmkit_value.probability.histories import Array, Spending, packed_spending, weighted_sum as sum_of

NAMES = ("p", "q", "gamma")


def fit(of: Spending, start: Sequence[float] | None = None) -> Maximum:
    """Return the likeliest parameters ``p, q, gamma``, in the order of `NAMES`; gamma is in the unit of spending."""
    np = library("numpy")
    known = packed_spending(of)
    unit = float(np.average(known.mean, weights=known.weight)) if len(known.mean) else 1.0
    scaled = Spending(x=known.x, mean=known.mean / unit, weight=known.weight)
    first = (2.0, 3.0, 1.0) if start is None else (start[0], start[1], start[2] / unit)
    found = maximise(lambda parameters: _likelihood(parameters, scaled), first)
    p, q, gamma = found.parameters
    return Maximum(
        parameters=(p, q, gamma * unit),
        log_likelihood=found.log_likelihood - float(known.weight.sum() * np.log(unit)),
        converged=found.converged,
        determined=found.determined,
        evaluations=found.evaluations,
    )


def log_likelihood(parameters: Sequence[float], of: Spending) -> float:
    """Return the logarithm of how likely the spending is."""
    return _likelihood(parameters, of)[0]


def slope(parameters: Sequence[float], of: Spending) -> Array:
    """Return how the log-likelihood changes with each parameter."""
    return _likelihood(parameters, of)[1]


def expected_spend(parameters: Sequence[float], x: Any, mean: Any) -> Array:
    """Return what a further purchase of each customer is expected to be worth, in the unit of spending.

    It lies between the customer's own mean and that of all; who has not bought again counts as one of all. Infinite
    where q is at most 1 and a customer says nothing of their own.
    """
    np = library("numpy")
    p, q, gamma = parameters
    count = np.asarray(x, dtype=float)
    own = np.where(count > 0, np.asarray(mean, dtype=float), 0.0)
    with np.errstate(divide="ignore"):
        rest = np.where(p * count + q > 1, p * count + q - 1, 0.0)
        return np.where(rest > 0, p * (gamma + count * own) / np.where(rest > 0, rest, 1.0), np.inf)


def correlation(of: Spending) -> float:
    """Return Pearson's correlation between how often customers bought and how much on average, −1 to 1; 0 where
    either does not vary."""
    np = library("numpy")
    whole = of.weight.sum()
    if not whole:
        return 0.0
    x, mean = of.x - sum_of(of.weight, of.x) / whole, of.mean - sum_of(of.weight, of.mean) / whole
    spread = float(np.sqrt(sum_of(of.weight, x**2) * sum_of(of.weight, mean**2)))
    return sum_of(of.weight, x * mean) / spread if spread > 0 else 0.0


def _likelihood(parameters: Sequence[float], of: Spending) -> tuple[float, Array]:
    np, special = library("numpy"), library("scipy.special")
    p, q, gamma = (float(each) for each in parameters)
    x, z, weight = of.x, of.mean, of.weight
    gammaln, digamma = special.gammaln, special.digamma
    shape, total = p * x, x * z
    rest, log_total = np.log(gamma + total), np.log(total)
    each = (
        gammaln(shape + q)
        - gammaln(shape)
        - gammaln(q)
        + q * np.log(gamma)
        + shape * log_total
        - np.log(z)
        - (shape + q) * rest
    )
    both = digamma(shape + q)
    slope = np.array(
        [
            sum_of(weight, x * (both - digamma(shape) + log_total - rest)),
            sum_of(weight, both - digamma(q) + np.log(gamma) - rest),
            sum_of(weight, q / gamma - (shape + q) / (gamma + total)),
        ]
    )
    return sum_of(weight, each), slope
