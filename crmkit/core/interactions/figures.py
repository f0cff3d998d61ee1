"""The few figures that the kernel itself shows: what customers bought, what sells, how much of each kind there is.

Exact sums in minor units of one currency; what was reversed does not count, and nothing is converted.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from crmkit.core.business.money import Money
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Interaction, Product, PurchaseLine

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession


@frozen(kw_only=True)
class CustomerRevenue:
    """What a customer bought, gross: refunds are not subtracted."""

    customer_id: UUID
    name: str
    purchases: int
    amount: Money


@frozen(kw_only=True)
class ProductSales:
    """How much of a product was sold, gross: refunds are not subtracted."""

    product_id: UUID
    sku: str
    title: str
    quantity: Decimal
    amount: Money


def _money(total: int | None, currency: str) -> Money:
    return Money(int(total or 0), currency)


def counting() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions for interactions that count: neither reversed nor reversals."""
    reversal = aliased(Interaction)
    return (
        Interaction.reverses_id.is_(None),
        ~select(reversal.id).where(reversal.reverses_id == Interaction.id).exists(),
    )


def best_customers(session: CrmSession, *, currency: str, limit: int = 10) -> Sequence[CustomerRevenue]:
    """Return the customers who bought most in a currency, by gross amount; equal ones by name, then id.

    Deleted customers are left out.
    """
    amount = func.sum(Interaction.amount_minor)
    query = (
        select(Customer.id, Customer.name, func.count(), amount)
        .select_from(Interaction)
        .join(Customer, Customer.id == Interaction.customer_id)
        .where(Interaction.kind == "purchase", Interaction.currency == currency, *counting())
        .where(Customer.deleted_at.is_(None))
        .group_by(Customer.id, Customer.name)
        .order_by(amount.desc(), Customer.name, Customer.id)
        .limit(limit)
    )
    return [
        CustomerRevenue(customer_id=identity, name=name, purchases=count, amount=_money(total, currency))
        for identity, name, count, total in session.execute(query)
    ]


def best_products(
    session: CrmSession, *, currency: str, by: Literal["amount", "quantity"] = "amount", limit: int = 10
) -> Sequence[ProductSales]:
    """Return the products that sold most in a currency, by gross amount or by quantity; equal ones by SKU."""
    amount, quantity = func.sum(PurchaseLine.amount_minor), func.sum(PurchaseLine.quantity)
    query = (
        select(Product.id, Product.sku, Product.title, quantity, amount)
        .select_from(PurchaseLine)
        .join(Interaction, Interaction.id == PurchaseLine.interaction_id)
        .join(Product, Product.id == PurchaseLine.product_id)
        .where(Interaction.kind == "purchase", Interaction.currency == currency, *counting())
        .group_by(Product.id, Product.sku, Product.title)
        .order_by((amount if by == "amount" else quantity).desc(), Product.sku)
        .limit(limit)
    )
    return [
        ProductSales(product_id=identity, sku=sku, title=title, quantity=number, amount=_money(total, currency))
        for identity, sku, title, number, total in session.execute(query)
    ]


def counts_by_kind(session: CrmSession) -> dict[str, int]:
    """Return how many interactions of each kind there are, most frequent first; reversed ones and reversals count."""
    number = func.count()
    query = select(Interaction.kind, number).group_by(Interaction.kind).order_by(number.desc(), Interaction.kind)
    return {row[0]: row[1] for row in session.execute(query)}
