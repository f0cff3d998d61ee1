"""What fitted models say of customers: P(alive), purchases, worth and lifetime value, with intervals.

Arithmetic over arrays. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import frozen

from crmkit_value.extras import library
from crmkit_value.lifetimes.pasts import WEEK, Summary
from crmkit_value.probability import gamma_gamma, intervals, pareto_nbd
from crmkit_value.probability.histories import Histories
from crmkit_value.probability.models import MODELS, Buying, discounted

YEAR = 365.0
MONTH = 365.25 / 12 / WEEK
"""A month in weeks."""
MONTHS_WITHOUT_END = 600
"""So many months stand for all time where purchases are added up: later ones are worth next to nothing."""


@frozen(kw_only=True)
class Terms:
    """What value is computed by: months looked ahead, interest a year and margin as shares."""

    months: int
    annual_rate: float
    margin: float

    @property
    def monthly_rate(self) -> float:
        """Return the interest of a month that comes to that of the year."""
        return (1 + self.annual_rate) ** (1 / 12) - 1


@frozen(kw_only=True)
class Models:
    """Fitted models of buying and, if there is one, of spending, each with its parameters and those of other draws.

    ``mean_minor`` is what a further day of buying is worth on average, for where there is no model of spending.
    """

    buying: Buying
    parameters: tuple[float, ...]
    draws: Sequence[tuple[float, ...]]
    spending: tuple[float, ...] | None
    spending_draws: Sequence[tuple[float, ...]]
    minor_units: float
    mean_minor: float


@frozen(kw_only=True, eq=False)
class Values:
    """What is said of customers, each an array with one place a customer; bounds are None without draws."""

    p_alive: Any
    p_bounds: tuple[Any, Any] | None
    expected: Any
    expected_bounds: tuple[Any, Any] | None
    spend: Any
    clv: Any
    clv_bounds: tuple[Any, Any] | None
    next_days: Any


def models_of(buying: Mapping[str, Any], spending: Mapping[str, Any] | None) -> Models:
    """Return models as their runs have kept them."""
    return Models(
        buying=MODELS[buying["model"]],
        parameters=tuple(buying["parameters"]),
        draws=[tuple(each) for each in buying["draws"]],
        spending=None if spending is None else tuple(spending["parameters"]),
        spending_draws=[] if spending is None else [tuple(each) for each in spending["draws"]],
        minor_units=100.0 if spending is None else float(spending["minor_units"]),
        mean_minor=float(buying["mean_minor"]),
    )


def terms_of(months: int, annual_rate: Decimal, margin_percent: Decimal) -> Terms:
    """Return terms from percent."""
    return Terms(months=months, annual_rate=float(annual_rate) / 100, margin=float(margin_percent) / 100)


def values_of(models: Models, of: Summary, terms: Terms) -> Values:
    """Return what models say of customers; amounts are in minor units."""
    np = library("numpy")
    held = of.histories()
    p_alive, expected, clv, spend = _at(models, models.parameters, models.spending, held, of, terms)
    p_bounds = expected_bounds = clv_bounds = None
    if len(models.draws) >= intervals.LEAST:
        spends: Sequence[tuple[float, ...] | None] = models.spending_draws or [models.spending]
        drawn = [
            _at(models, parameters, spends[number % len(spends)], held, of, terms)
            for number, parameters in enumerate(models.draws)
        ]
        p_bounds = intervals.bounds([each[0] for each in drawn])
        expected_bounds = intervals.bounds([each[1] for each in drawn])
        clv_bounds = intervals.bounds([each[2] for each in drawn])
    r, alpha = models.parameters[:2]
    wait = (alpha + of.T) * np.expm1(np.log(2) / (r + of.x)) * WEEK
    return Values(
        p_alive=p_alive,
        p_bounds=p_bounds,
        expected=expected,
        expected_bounds=expected_bounds,
        spend=spend,
        clv=clv,
        clv_bounds=clv_bounds,
        next_days=np.where(p_alive >= 0.5, np.minimum(np.ceil(wait), 36_500), np.nan),
    )


def without_end(models: Models, of: Summary, annual_rate: float) -> Any:
    """Return the discounted expected residual transactions (DERT): all purchases still to come, each worth less the
    later it comes, at the interest of a year above nought.

    Of Pareto/NBD by its formula, with interest that runs all the time; of BG/NBD, which has none, month by month for
    `MONTHS_WITHOUT_END`.
    """
    np, held = library("numpy"), of.histories()
    if models.buying.name == "pareto-nbd":
        rate = float(np.log1p(annual_rate)) * WEEK / YEAR
        return pareto_nbd.dert(models.parameters, held.x, held.t_x, held.T, rate)
    rate = (1 + annual_rate) ** (1 / 12) - 1
    return discounted(models.buying, models.parameters, held, period=MONTH, rate=rate, periods=MONTHS_WITHOUT_END)


def _at(
    models: Models,
    parameters: tuple[float, ...],
    spending: tuple[float, ...] | None,
    held: Histories,
    of: Summary,
    terms: Terms,
) -> tuple[Any, Any, Any, Any]:
    np = library("numpy")
    p_alive = models.buying.p_alive(parameters, held.x, held.t_x, held.T)
    expected = models.buying.expected(parameters, held.x, held.t_x, held.T, YEAR / WEEK)
    if spending is None:
        worth = np.where((held.x > 0) & (of.mean > 0), of.mean, models.mean_minor)
    else:
        worth = gamma_gamma.expected_spend(spending, np.where(of.mean > 0, held.x, 0), of.mean / models.minor_units)
        worth = np.where(np.isfinite(worth), worth * models.minor_units, models.mean_minor)
    months = discounted(models.buying, parameters, held, period=MONTH, rate=terms.monthly_rate, periods=terms.months)
    return p_alive, expected, months * worth * terms.margin, worth
