"""A deal as forecasts see it: one opportunity as it stood at an instant, with its amount in the base currency.

Must not know the database, nor where rates come from.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal
from uuid import UUID

from attrs import frozen

from crmkit import Period

WHOLE = 10_000
"""Certainty, in the basis points that probabilities are kept in."""

Kind = Literal["open", "won", "lost", "removed"]
Measure = Literal["amount", "weighted"]


@frozen(kw_only=True)
class Deal:
    """An opportunity as it stood at an instant.

    ``probability`` is in basis points. ``amount_minor`` is in minor units of ``currency``, ``value`` the same in those
    of the base currency: 0 where no amount is estimated, None where there is no rate. ``close_on`` is the calendar day
    on which it was won, else the one on which it is expected to close.
    """

    id: UUID
    kind: Kind
    category: str
    probability: int
    value: int | None
    amount_minor: int | None = None
    currency: str | None = None
    close_on: date | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    stage: str = ""
    stage_id: UUID | None = None
    pipeline_id: UUID | None = None
    customer_id: UUID | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None

    @property
    def is_open(self) -> bool:
        """Say whether it is neither won nor lost nor removed."""
        return self.kind == "open"

    @property
    def counted(self) -> int:
        """Return its value in the base currency, 0 where it could not be converted: that is named beside the sum."""
        return self.value or 0

    @property
    def weighted(self) -> int:
        """Return its value times its probability, in minor units, rounded half up."""
        return weighted(self.counted, self.probability)

    def measured(self, measure: Measure) -> int:
        """Return the value that a measure takes of it, in minor units of the base currency."""
        return self.counted if measure == "amount" else self.weighted


@frozen(kw_only=True)
class Unconverted:
    """Amounts that are in no sum, as there is no rate: how many of a currency, and how much in its minor units."""

    currency: str
    count: int
    amount_minor: int


def weighted(value: int, probability: int) -> int:
    """Return a value in minor units times a probability in basis points, rounded half up.

    Every deal is rounded by itself, so that the figures of parts add up to those of the whole.
    """
    return (value * probability + WHOLE // 2) // WHOLE


def within(deal: Deal, period: Period) -> bool:
    """Say whether a deal closed, or is expected to close, in a period; both its days are included."""
    return deal.close_on is not None and period.first <= deal.close_on <= period.last


def unconverted(deals: Iterable[Deal]) -> list[Unconverted]:
    """Return what could not be converted, by currency."""
    found: dict[str, tuple[int, int]] = {}
    for deal in deals:
        if deal.value is None and deal.currency is not None and deal.amount_minor is not None:
            count, amount = found.get(deal.currency, (0, 0))
            found[deal.currency] = (count + 1, amount + deal.amount_minor)
    return [Unconverted(currency=each, count=found[each][0], amount_minor=found[each][1]) for each in sorted(found)]
