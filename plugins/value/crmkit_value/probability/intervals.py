"""How sure parameters and expectations are: by the bootstrap, over customers. Must not know the database.

Customers are drawn again with replacement, which for histories put together is a draw of their weights; each draw is
fitted from where the whole was likeliest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from crmkit_value.extras import library
from crmkit_value.probability.fitting import Maximum

LEVEL = 0.95
LEAST = 20


@frozen(kw_only=True)
class Interval:
    """An estimate with the bounds between which it lies with 95 % confidence."""

    value: float
    low: float
    high: float


def resampled(fit: Callable[..., Maximum], of: Any, start: Sequence[float], draws: int, seed: int) -> list[Any]:
    """Return the parameters of so many draws of customers; a draw whose fit did not converge is left out.

    ``of`` is packed histories or spending: anything with ``weight`` and ``weighted``.
    """
    np = library("numpy")
    random = np.random.Generator(np.random.PCG64(seed))
    whole = float(of.weight.sum())
    chance = of.weight / whole
    found: list[Any] = []
    for _draw in range(draws):
        weight = random.multinomial(round(whole), chance).astype(float)
        kept = fit(of.weighted(weight), start=start)
        if kept.converged:
            found.append(kept.parameters)
    return found


def of_parameters(values: Sequence[float], draws: Sequence[Sequence[float]]) -> list[Interval] | None:
    """Return each parameter with its interval, None where too few draws converged to say anything."""
    np = library("numpy")
    if len(draws) < LEAST:
        return None
    low, high = bounds(np.asarray(draws))
    return [
        Interval(value=value, low=float(under), high=float(over))
        for value, under, over in zip(values, low, high, strict=True)
    ]


def bounds(draws: Any) -> tuple[Any, Any]:
    """Return the lower and upper bounds of an array with one row a draw, by percentiles."""
    np = library("numpy")
    edge = (1 - LEVEL) / 2
    low, high = np.quantile(np.asarray(draws, dtype=float), [edge, 1 - edge], axis=0)
    return low, high
