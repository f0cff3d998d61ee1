"""What rules read of something that happened: an interaction with its lines, in the base currency.

Must not know rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import CrmSession, Interaction, Money, Product, ProductCategory, PurchaseLine, convert
from crmkit.core.business.money import places
from crmkit_loyalty.earning.computing import Happening

FIELDS: Mapping[str, Any] = {
    "amount": Decimal,
    "order_amount": Decimal,
    "quantity": Decimal,
    "unit_price": Decimal,
    "lines": int,
    "sku": str,
    "product": str,
    "category": str,
    "channel": str,
    "direction": str,
    "source": str | None,
    "outcome": str | None,
    "duration": int,
    "weekday": int,
    "month": int,
    "hour": int,
    "day": date,
}
"""The names that a rule may use beside facts. Amounts are in major units of the base currency; of the whole ``sku``,
``product`` and ``category`` are empty. ``weekday`` is 1 on Mondays, ``hour`` is of the company's zone."""


def happenings_of(
    session: CrmSession, interactions: Sequence[Interaction], customers: Mapping[UUID, Mapping[Any, Any]]
) -> dict[UUID, Happening]:
    """Return what rules read of interactions, by their ids; ``customers`` has the facts about each customer. Raises
    RateMissing for an amount that cannot be converted."""
    ids = [each.id for each in interactions]
    lines: dict[UUID, list[PurchaseLine]] = {each: [] for each in ids}
    query = select(PurchaseLine).where(PurchaseLine.interaction_id.in_(ids)).order_by(PurchaseLine.line_no)
    for line in session.scalars(query):
        lines[line.interaction_id].append(line)
    products = _products(session, {line.product_id for each in lines.values() for line in each})
    return {
        each.id: _happening(session, each, lines[each.id], products, customers.get(each.customer_id, {}))  # type: ignore[arg-type]
        for each in interactions
    }


def base_minor(session: CrmSession, amount: int, currency: str | None, on: date) -> int:
    """Return an amount in minor units of the base currency; one without a currency is in it already. Raises
    RateMissing."""
    base = session.crm.business().base_currency
    if not currency or base is None or currency == base:
        return amount
    return convert(session, Money(amount, currency), base, on).amount


def _happening(
    session: CrmSession,
    interaction: Interaction,
    lines: Sequence[PurchaseLine],
    products: Mapping[UUID, tuple[str, str, str]],
    facts: Mapping[Any, Any],
) -> Happening:
    business = session.crm.business()
    local = interaction.occurred_at.astimezone(ZoneInfo(business.zone))
    currency = business.base_currency or interaction.currency or "XXX"
    digits = places(currency)

    def major(amount: int | None) -> Decimal:
        minor = base_minor(session, amount or 0, interaction.currency, local.date())
        return Decimal(minor).scaleb(-digits)

    whole = major(interaction.amount_minor)
    common: dict[str, Any] = {
        **facts,
        "order_amount": whole,
        "lines": len(lines),
        "channel": interaction.channel,
        "direction": interaction.direction,
        "source": interaction.source,
        "outcome": interaction.outcome,
        "duration": interaction.duration or 0,
        "weekday": local.isoweekday(),
        "month": local.month,
        "hour": local.hour,
        "day": local.date(),
    }
    nothing = {"sku": "", "product": "", "category": ""}
    found: dict[int, Mapping[str, Any]] = {}
    for line in lines:
        sku, title, category = products.get(line.product_id, ("", "", "")) if line.product_id else ("", "", "")
        found[line.line_no] = {
            **common,
            "amount": major(line.amount_minor),
            "quantity": line.quantity,
            "unit_price": line.unit_price or Decimal(0),
            "sku": sku,
            "product": title or line.description or "",
            "category": category,
        }
    quantity = sum((line.quantity for line in lines), Decimal(0))
    return Happening(
        event=interaction.kind,
        day=local.date(),
        whole={**common, **nothing, "amount": whole, "quantity": quantity, "unit_price": Decimal(0)},
        lines=found,
    )


def _products(session: CrmSession, ids: set[UUID | None]) -> dict[UUID, tuple[str, str, str]]:
    wanted = [each for each in ids if each is not None]
    query = (
        select(Product.id, Product.sku, Product.title, ProductCategory.name)
        .outerjoin(ProductCategory, ProductCategory.id == Product.category_id)
        .where(Product.id.in_(wanted))
    )
    return {row[0]: (row[1], row[2], row[3] or "") for row in session.execute(query)} if wanted else {}
