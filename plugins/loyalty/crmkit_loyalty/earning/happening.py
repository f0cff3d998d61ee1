"""What rules read of something that happened: an interaction with its lines, in the base currency.

Must not know rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import CrmSession, Interaction, Money, Product, ProductCategory, PurchaseLine, convert, places
from crmkit_loyalty.earning.computing import Happening
from crmkit_loyalty.programs.money import currency_of

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


class Said(Protocol):
    """What is read of an interaction, be it recorded or only tried."""

    @property
    def kind(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def amount_minor(self) -> int | None: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def channel(self) -> str: ...
    @property
    def direction(self) -> str: ...
    @property
    def source(self) -> str | None: ...
    @property
    def outcome(self) -> str | None: ...
    @property
    def duration(self) -> int | None: ...


class SaidLine(Protocol):
    """What is read of a line."""

    @property
    def line_no(self) -> int: ...
    @property
    def product_id(self) -> UUID | None: ...
    @property
    def description(self) -> str | None: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def unit_price(self) -> Decimal | None: ...
    @property
    def amount_minor(self) -> int: ...


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
    products = products_of(session, {line.product_id for each in lines.values() for line in each})
    return {
        each.id: happening_of(session, each, lines[each.id], products, customers.get(each.customer_id, {}))  # type: ignore[arg-type]
        for each in interactions
    }


def base_minor(session: CrmSession, amount: int, currency: str | None, on: date) -> int:
    """Return an amount in minor units of the base currency; one without a currency is in it already. Raises
    RateMissing."""
    base = session.business().base_currency
    if not currency or base is None or currency == base:
        return amount
    return convert(session, Money(amount, currency), base, on).amount


def happening_of(
    session: CrmSession,
    interaction: Said,
    lines: Sequence[SaidLine],
    products: Mapping[UUID, tuple[str, str, str]],
    facts: Mapping[Any, Any],
) -> Happening:
    """Return what rules read of one interaction with its lines; ``products`` are SKU, title and category by id. Raises
    RateMissing for an amount that cannot be converted."""
    business = session.business()
    local = interaction.occurred_at.astimezone(ZoneInfo(business.zone))
    currency = currency_of(session, interaction.currency)
    digits = places(currency)

    foreign = interaction.currency if interaction.currency != business.base_currency else None

    def major(amount: int | None) -> Decimal:
        # Asked only of what is foreign: the settings are not read anew for each line.
        minor = amount or 0
        if foreign is not None:
            minor = base_minor(session, minor, foreign, local.date())
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


def products_of(session: CrmSession, ids: set[UUID | None]) -> dict[UUID, tuple[str, str, str]]:
    """Return SKU, title and the name of the category of products, by their ids."""
    wanted = [each for each in ids if each is not None]
    query = (
        select(Product.id, Product.sku, Product.title, ProductCategory.name)
        .outerjoin(ProductCategory, ProductCategory.id == Product.category_id)
        .where(Product.id.in_(wanted))
    )
    return {row[0]: (row[1], row[2], row[3] or "") for row in session.execute(query)} if wanted else {}
