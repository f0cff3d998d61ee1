"""The Pareto/NBD model: customers buy at rates of their own, and leave unseen after lifetimes of their own.

Rates are gamma distributed (``r``, ``alpha``), so are the hazards of leaving (``s``, ``beta``). Schmittlein, Morrison
and Colombo (1987). The likelihood is that of still being here plus an integral over the unseen time of leaving between
the last purchase and the end of observation. That integral is taken by Gauss and Legendre's rule after a change of
variable that leaves a function bounded and nearly flat: so nothing overflows however often somebody bought, both orders
of alpha and beta are one case, and the slope is the same integral of the slopes. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from crmkit_value.extras import library
from crmkit_value.probability.fitting import Maximum, maximise
from crmkit_value.probability.histories import Array, Histories, packed, weighted_sum as total_of

NAMES = ("r", "alpha", "s", "beta")
_NODES = 24
_NEAR = 1e-6


def fit(of: Histories, start: Sequence[float] | None = None) -> Maximum:
    """Return the likeliest parameters ``r, alpha, s, beta`` of some histories, in the order of `NAMES`."""
    known = packed(of)
    if start is None:
        bought, time = float((known.x * known.weight).sum()), float((known.T * known.weight).sum())
        scale = max(1e-3, 0.5 * time / bought) if bought and time else 1.0
        start = (0.5, scale, 0.6, scale)
    return maximise(lambda parameters: _likelihood(parameters, known), start)


def log_likelihood(parameters: Sequence[float], of: Histories) -> float:
    """Return the logarithm of how likely the histories are."""
    return _likelihood(parameters, of)[0]


def slope(parameters: Sequence[float], of: Histories) -> Array:
    """Return how the log-likelihood changes with each parameter."""
    return _likelihood(parameters, of)[1]


def p_alive(parameters: Sequence[float], x: Any, t_x: Any, T: Any) -> Array:
    """Return the probability that a customer has not left."""
    special = library("scipy.special")
    here, gone = _parts(parameters, x, t_x, T)
    return special.expit(here - gone)


def expected(parameters: Sequence[float], x: Any, t_x: Any, T: Any, t: Any) -> Array:
    """Return how many purchases are expected of a customer in the time ``t`` after the end of observation."""
    np = library("numpy")
    r, alpha, s, beta = parameters
    x, T, t = (np.asarray(each, dtype=float) for each in (x, T, t))
    return p_alive(parameters, x, t_x, T) * (r + x) / (alpha + T) * _lived(s, beta + T, t)


def expected_of_new(parameters: Sequence[float], t: Any) -> Array:
    """Return how many further purchases are expected of a new customer in the time ``t`` after their first one."""
    np = library("numpy")
    r, alpha, s, beta = parameters
    return r / alpha * _lived(s, beta, np.asarray(t, dtype=float))


def dert(parameters: Sequence[float], x: Any, t_x: Any, T: Any, rate: float) -> Array:
    """Return the discounted expected residual transactions: all future purchases, each worth less the later it comes.

    ``rate`` is continuous, in the unit of time of the histories, above nought.
    """
    np, special = library("numpy"), library("scipy.special")
    r, alpha, s, beta = parameters
    x, T = (np.asarray(each, dtype=float) for each in (x, T))
    z = rate * (beta + T)
    return p_alive(parameters, x, t_x, T) * (r + x) / (alpha + T) * (beta + T) * special.hyperu(1.0, 2.0 - s, z)


def _lived(s: float, since: Array, t: Array) -> Array:
    """Return the time that somebody here is expected to stay within ``t``."""
    np = library("numpy")
    if abs(s - 1) < _NEAR:
        return since * np.log1p(t / since)
    return -since / (s - 1) * np.expm1((s - 1) * -np.log1p(t / since))


@lru_cache(maxsize=1)
def _rule() -> tuple[Array, Array]:
    """Return nodes and weights on 0 to 1, dense near 0, where the integrand bends when somebody bought very often."""
    np = library("numpy")
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    nodes, weights = (nodes + 1) / 2, weights / 2
    return nodes**3, 3 * nodes**2 * weights


def _parts(parameters: Sequence[float], x: Any, t_x: Any, T: Any) -> tuple[Array, Array]:
    """Return the logarithms of the two parts of the likelihood: still here, and gone since the last purchase."""
    np = library("numpy")
    x, t_x, T = (np.atleast_1d(np.asarray(each, dtype=float)) for each in (x, t_x, T))
    here, gone, *_rest = _integrals(parameters, x, t_x, T)
    return here, gone


def _integrals(parameters: Sequence[float], x: Array, t_x: Array, T: Array) -> tuple[Array, ...]:
    """Return both parts in logarithms, and, of the part that is gone, the means of what slopes are made of."""
    np = library("numpy")
    r, alpha, s, beta = (float(each) for each in parameters)
    nodes, weights = _rule()
    power = r + s + x
    spread = np.log(alpha + T) - np.log(alpha + t_x)
    whole = -np.expm1(-power * spread)  # 1 - v at the end of observation, where v = ((alpha+t_x)/(alpha+y))**power
    v = (1 - whole)[:, None] + whole[:, None] * nodes
    root = np.exp(np.log(v) / power[:, None])
    at_alpha = (alpha + t_x)[:, None] / root
    at_beta = at_alpha + (beta - alpha)
    bent = np.log(at_beta) + np.log(root)
    mass = np.exp(-(s + 1) * (bent - np.log(beta + t_x)[:, None])) * weights
    total = mass.sum(axis=1)
    with np.errstate(divide="ignore"):
        gone = (
            np.log(s)
            - (r + x - 1) * np.log(alpha + t_x)
            - (s + 1) * np.log(beta + t_x)
            - np.log(power)
            + np.log(whole)
            + np.log(total)
        )
    here = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
    share = mass / total[:, None]
    return (
        here,
        gone,
        (share * np.log(at_alpha)).sum(axis=1),
        (share / at_alpha).sum(axis=1),
        (share * np.log(at_beta)).sum(axis=1),
        (share / at_beta).sum(axis=1),
    )


def _likelihood(parameters: Sequence[float], of: Histories) -> tuple[float, Array]:
    np, special = library("numpy"), library("scipy.special")
    r, alpha, s, beta = (float(each) for each in parameters)
    x, T, weight = of.x, of.T, of.weight
    here, gone, log_alpha, by_alpha, log_beta, by_beta = _integrals(parameters, x, of.t_x, T)
    each = np.logaddexp(here, gone)
    left = special.expit(gone - here)
    stays = 1 - left
    gammaln, digamma = special.gammaln, special.digamma
    whole = weight.sum()
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    slope = np.array(
        [
            total_of(weight, digamma(r + x) - stays * np.log(alpha + T) - left * log_alpha)
            + whole * (np.log(alpha) - digamma(r)),
            whole * r / alpha - total_of(weight, (r + x) * (stays / (alpha + T) + left * by_alpha)),
            whole * np.log(beta) + total_of(weight, left / s - stays * np.log(beta + T) - left * log_beta),
            whole * s / beta - total_of(weight, s * stays / (beta + T) + (s + 1) * left * by_beta),
        ]
    )
    return total_of(weight, each + common), slope
