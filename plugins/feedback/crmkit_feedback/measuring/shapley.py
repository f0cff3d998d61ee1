"""How much of what a score varies by each of several ratings explains: Shapley shares of R². Knows no database."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from crmkit_feedback.extras import library

EXACT_UP_TO = 10
"""With more ratings than this the orders are drawn by chance."""
ORDERS = 500


def lmg(correlations: Any, *, orders: int = ORDERS, seed: int = 0) -> list[float]:
    """Return each regressor's share of R² from the matrix of correlations, whose first variable is the one explained.

    The mean over all orders of what a regressor adds to R²: Lindeman, Merenda & Gold (1980), Introduction to Bivariate
    and Multivariate Analysis, p. 119; Grömping (2006), Journal of Statistical Software 17(1). Exact up to ten
    regressors, else over ``orders`` drawn ones. The shares add up to R². Raises MissingExtra.
    """
    numpy = library("numpy")
    matrix = numpy.asarray(correlations, dtype=float)
    p = len(matrix) - 1
    known: dict[int, float] = {0: 0.0}

    def explained(mask: int) -> float:
        if mask not in known:
            chosen = [place + 1 for place in range(p) if mask >> place & 1]
            inner, outer = matrix[numpy.ix_(chosen, chosen)], matrix[chosen, 0]
            # The least-norm solution: ratings that are each other's sums share what they explain.
            solved = numpy.linalg.lstsq(inner, outer, rcond=1e-10)[0]
            known[mask] = min(1.0, max(0.0, float(outer @ solved)))
        return known[mask]

    shares = [0.0] * p
    if p <= EXACT_UP_TO:
        for mask in range(1 << p):
            size = mask.bit_count()
            for place in range(p):
                if not mask >> place & 1:
                    weight = math.factorial(size) * math.factorial(p - size - 1) / math.factorial(p)
                    shares[place] += weight * (explained(mask | 1 << place) - explained(mask))
        return shares
    random = numpy.random.default_rng(seed)
    for _order in range(orders):
        mask = 0
        for place in random.permutation(p):
            after = mask | 1 << int(place)
            shares[int(place)] += (explained(after) - explained(mask)) / orders
            mask = after
    return shares


def correlations_of(rows: Sequence[Sequence[float]] | Any) -> Any:
    """Return the matrix of correlations of the columns; one that does not vary correlates with nothing."""
    numpy = library("numpy")
    values = numpy.asarray(rows, dtype=float)
    centred = values - values.mean(axis=0)
    spread = numpy.sqrt((centred**2).sum(axis=0))
    spread[spread == 0] = numpy.inf
    scaled = centred / spread
    found = scaled.T @ scaled
    numpy.fill_diagonal(found, 1.0)
    return found
