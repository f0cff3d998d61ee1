"""The models of buying under one interface: what each is called, how it is fitted and what it expects, and the value
that follows. Must not know the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from crmkit_value.extras import library
from crmkit_value.probability import bg_nbd, pareto_nbd
from crmkit_value.probability.fitting import Maximum
from crmkit_value.probability.histories import Array, Histories

STEPS = 12
SHORTEST = 1.0
"""So long everybody is taken to have been watched at least, in the unit of time of the histories (weeks)."""


@frozen(kw_only=True)
class Buying:
    """A model of how often customers buy again, by the functions of its module."""

    name: str
    parameters: tuple[str, ...]
    fit: Callable[..., Maximum]
    p_alive: Callable[..., Array]
    expected: Callable[..., Array]
    expected_of_new: Callable[..., Array]


MODELS = {
    "bg-nbd": Buying(
        name="bg-nbd",
        parameters=bg_nbd.NAMES,
        fit=bg_nbd.fit,
        p_alive=bg_nbd.p_alive,
        expected=bg_nbd.expected,
        expected_of_new=bg_nbd.expected_of_new,
    ),
    "pareto-nbd": Buying(
        name="pareto-nbd",
        parameters=pareto_nbd.NAMES,
        fit=pareto_nbd.fit,
        p_alive=pareto_nbd.p_alive,
        expected=pareto_nbd.expected,
        expected_of_new=pareto_nbd.expected_of_new,
    ),
}


def discounted(
    model: Buying, parameters: Sequence[float], of: Histories, *, period: float, rate: float, periods: int = STEPS
) -> Array:
    """Return the purchases expected in the next ``periods`` periods, those of the k-th divided by (1 + rate)**k.

    ``period`` is the length of one in the unit of time of the histories, ``rate`` the interest of one period.
    """
    np = library("numpy")
    sofar = np.zeros(len(of.x))
    whole = np.zeros(len(of.x))
    for k in range(1, periods + 1):
        until = model.expected(parameters, of.x, of.t_x, of.T, period * k)
        whole += (until - sofar) / (1 + rate) ** k
        sofar = until
    return whole


def own_rate(x: Any, T: Any, t: float) -> Array:
    """Return what the base line expects in the time ``t``: that everybody goes on at the rate of their own past.

    Everybody gets half a purchase more, (x + ½) / T: with Jeffreys' prior that is what is to be expected of somebody's
    rate, and without it who has not bought again would never be expected to. ``T`` counts as at least `SHORTEST`, as
    half a purchase within a day would be taken for the rate of years.
    """
    np = library("numpy")
    count, time = np.asarray(x, dtype=float), np.asarray(T, dtype=float)
    return (count + 0.5) / np.maximum(time, SHORTEST) * t
