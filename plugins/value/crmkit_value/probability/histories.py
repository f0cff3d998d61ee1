"""What the models know of customers: how often each bought again, when last, and since when. Must not know the
database."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from crmkit_value.extras import library

Array = Any
"""A numpy array of floats."""


@frozen(kw_only=True, eq=False)
class Histories:
    """Customers' histories of buying, each array with one place a customer (or, once `packed`, a kind of customer).

    ``x`` is the number of purchases after the first one, ``t_x`` the time from the first purchase to the last and ``T``
    that to the end of observation, in one unit of time such as weeks; ``weight`` says how many customers a place
    stands for.
    """

    x: Array = field()
    t_x: Array = field()
    T: Array = field()
    weight: Array = field()

    @property
    def customers(self) -> float:
        """Return how many customers there are."""
        return float(self.weight.sum())

    def weighted(self, weight: Array) -> Histories:
        """Return the same histories with other weights."""
        return Histories(x=self.x, t_x=self.t_x, T=self.T, weight=weight)


@frozen(kw_only=True, eq=False)
class Spending:
    """What customers spent: ``x`` purchases of ``mean`` on average each, in any unit; ``weight`` customers a place."""

    x: Array = field()
    mean: Array = field()
    weight: Array = field()

    def weighted(self, weight: Array) -> Spending:
        """Return the same spending with other weights."""
        return Spending(x=self.x, mean=self.mean, weight=weight)


def histories(x: Any, t_x: Any, T: Any) -> Histories:
    """Return histories of one customer a place from three sequences of equal length."""
    np = library("numpy")
    first = np.asarray(x, dtype=float)
    return Histories(
        x=first, t_x=np.asarray(t_x, dtype=float), T=np.asarray(T, dtype=float), weight=np.ones(len(first))
    )


def spending(x: Any, mean: Any) -> Spending:
    """Return the spending of customers who bought again and spent something: others say nothing about spending."""
    np = library("numpy")
    count, value = np.asarray(x, dtype=float), np.asarray(mean, dtype=float)
    kept = (count > 0) & (value > 0)
    return Spending(x=count[kept], mean=value[kept], weight=np.ones(int(kept.sum())))


def weighted_sum(weight: Array, values: Array) -> float:
    """Return the sum of values times their weights.

    Not by a product of vectors: libraries of linear algebra spread those over threads that wait for each other, which
    on a busy machine takes ten times as long as the sum.
    """
    return float((weight * values).sum())


def packed(of: Histories) -> Histories:
    """Return the histories with equal ones put together and their weights added: the likelihood is the same, and
    a fit does a fraction of the work."""
    (x, t_x, T), weight = _together((of.x, of.t_x, of.T), of.weight)
    return Histories(x=x, t_x=t_x, T=T, weight=weight)


def packed_spending(of: Spending) -> Spending:
    """Return the spending with equal places put together."""
    (x, mean), weight = _together((of.x, of.mean), of.weight)
    return Spending(x=x, mean=mean, weight=weight)


def _together(columns: tuple[Array, ...], weight: Array) -> tuple[tuple[Array, ...], Array]:
    np = library("numpy")
    if not len(weight):
        return columns, weight
    order = np.lexsort(columns)
    ordered = [column[order] for column in columns]
    starts = np.empty(len(weight), dtype=bool)
    starts[0] = True
    starts[1:] = ordered[0][1:] != ordered[0][:-1]
    for column in ordered[1:]:
        starts[1:] |= column[1:] != column[:-1]
    places = np.flatnonzero(starts)
    return tuple(column[places] for column in ordered), np.add.reduceat(weight[order], places)
