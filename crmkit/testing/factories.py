"""Makes the records that tests of a plugin begin with: customers and what happened with them, all through the gate.

Must not know pytest.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import field, frozen

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.customers.models import Customer
    from crmkit.core.interactions.models import Interaction

REASON = "test data"
CURRENCY = "EUR"
"""What the business of a test reckons in where the test does not say it."""


@frozen(kw_only=True)
class Customers:
    """Makes customers with invented names."""

    crm: CRM
    _numbers: Iterator[int] = field(factory=lambda: itertools.count(1), repr=False)

    def __call__(self, **values: Any) -> Customer:
        """Add a customer, through the gate, with the values given and a name where none is."""
        values.setdefault("name", f"Customer {next(self._numbers)}")
        customer: Customer = self.crm.run(self.crm.system(REASON), "customer.create", values)
        return customer

    def many(self, number: int, **values: Any) -> list[Customer]:
        """Add some customers."""
        return [self(**values) for _number in range(number)]


@frozen(kw_only=True)
class Interactions:
    """Makes interactions of any kind, and purchases."""

    crm: CRM

    def __call__(
        self,
        customer: Customer | UUID | None,
        kind: str = "call",
        *,
        days_ago: float = 0,
        occurred_at: datetime | None = None,
        **values: Any,
    ) -> Interaction:
        """Record an interaction of a kind with a customer, some days before the business's present or at an aware
        instant. ``values`` are the other inputs of ``interaction.record``: subject, payload, amount …

        Raises InvalidInput for what the kind does not allow.
        """
        if occurred_at is None and days_ago:
            occurred_at = self.crm.clock.business_now() - timedelta(days=days_ago)
        given = {"kind": kind, "customer_id": _id(customer), "occurred_at": occurred_at, **values}
        recorded: Interaction = self.crm.run(self.crm.system(REASON), "interaction.record", given)
        return recorded

    def purchase(
        self,
        customer: Customer | UUID | None,
        amount: Decimal | str | None = None,
        currency: str | None = None,
        *,
        days_ago: float = 0,
        occurred_at: datetime | None = None,
        lines: Sequence[Mapping[str, Any]] = (),
        **values: Any,
    ) -> Interaction:
        """Record a purchase. ``amount`` is in major units of ``currency``; it is the sum of the ``lines``, or 10.00
        where there are none, unless it is said. The currency is by default the base currency, which is set to EUR where
        the business has none yet.

        A line has a ``sku``, whose product is added to the catalogue, or a ``description``, and ``quantity``,
        ``unit_price`` or ``amount``.
        """
        if amount is None and not lines:
            amount = "10.00"
        given: dict[str, Any] = {"lines": [dict(line) for line in lines], "create_products": True, **values}
        if amount is not None:
            given["amount"] = Decimal(amount)
        if currency is not None:
            given["currency"] = currency
        elif self.crm.business().base_currency is None:
            self.crm.run(self.crm.system(REASON), "business.configure", {"base_currency": CURRENCY})
        return self(customer, "purchase", days_ago=days_ago, occurred_at=occurred_at, **given)


def _id(customer: Customer | UUID | None) -> UUID | None:
    if customer is None or isinstance(customer, UUID):
        return customer
    found: UUID = customer.id
    return found
