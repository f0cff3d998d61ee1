"""What a customer pays for a product: which price list counts, and why the others do not.

A list must not depend on who asks: its condition is looked at in the plugin's own scope. Must not change anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit import Actor, CrmkitError, CrmSession, customers_where, texts
from crmkit_sales.prices.models import Price, PriceList

_ = texts("crmkit_sales")

REASONS = {
    "counts": _("It counts: {price} from a quantity of {quantity} on."),
    "currency": _("Its currency is {currency}."),
    "tax": _("Its prices include tax."),
    "no_tax": _("Its prices are without tax."),
    "day": _("It does not hold on this day."),
    "condition": _("The customer is none of those whom it is for."),
    "broken": _("Its condition cannot be used any more."),
    "product": _("It has no price for the product."),
    "quantity": _("It has a price from a quantity of {quantity} on."),
    "later": _("A list before it counts."),
}
"""Why a price list counts or does not, with the fields of the text."""


@frozen(kw_only=True)
class Wanted:
    """What is asked for: so many of a product."""

    product_id: UUID
    quantity: Decimal = Decimal(1)


@frozen(kw_only=True)
class Why:
    """What was decided of one price list: ``reason`` is one of `REASONS`, ``values`` fill its text."""

    list: str
    title: str
    reason: str
    values: Mapping[str, object] = field(factory=dict[str, object])

    @property
    def text(self) -> str:
        """Return the reason as a text to be translated, with fields."""
        return REASONS[self.reason]


@frozen(kw_only=True)
class PriceFound:
    """What a customer pays for one unit of a product, in minor units; None where no list has a price.

    ``list`` is the name of the price list that counts; ``why`` has every active list in the order in which they were
    looked at.
    """

    product_id: UUID
    unit_price: int | None
    currency: str
    list: str | None = None
    list_id: UUID | None = None
    unit: str = ""
    why: tuple[Why, ...] = field(default=(), converter=tuple)


def price_for(
    session: CrmSession,
    customer_id: UUID,
    product_id: UUID,
    quantity: Decimal,
    currency: str,
    day: date,
    *,
    tax_included: bool | None = None,
) -> PriceFound:
    """Return what a customer pays for one unit of a product when so many are bought on a day, and why.

    With ``tax_included`` only lists count whose prices include tax, or do not.
    """
    (found,) = prices_for(
        session,
        customer_id,
        [Wanted(product_id=product_id, quantity=quantity)],
        currency,
        day,
        tax_included=tax_included,
    )
    return found


def prices_for(
    session: CrmSession,
    customer_id: UUID,
    wanted: Sequence[Wanted],
    currency: str,
    day: date,
    *,
    tax_included: bool | None = None,
) -> list[PriceFound]:
    """Return the same for several products at once, in their order, by a fixed number of statements and one for each
    list that has a condition."""
    lists = session.scalars(
        select(PriceList).where(PriceList.active).order_by(PriceList.priority.desc(), PriceList.name)
    ).all()
    refused = {each.id: _refused(session, each, customer_id, currency, day, tax_included) for each in lists}
    open_ids = [each.id for each in lists if not refused[each.id]]
    prices: dict[tuple[UUID, UUID], list[Price]] = {}
    rows = session.scalars(
        select(Price).where(Price.list_id.in_(open_ids), Price.product_id.in_({each.product_id for each in wanted}))
    )
    for row in rows:
        if _holds(row, day):
            prices.setdefault((row.list_id, row.product_id), []).append(row)
    return [_found(lists, refused, prices, each, currency) for each in wanted]


def _found(
    lists: Sequence[PriceList],
    refused: Mapping[UUID, str],
    prices: Mapping[tuple[UUID, UUID], Sequence[Price]],
    wanted: Wanted,
    currency: str,
) -> PriceFound:
    why: list[Why] = []
    counts: Price | None = None
    named: PriceList | None = None
    for each in lists:
        reason, values = refused[each.id], dict[str, object]()
        if reason == "currency":
            values["currency"] = each.currency
        elif not reason and counts is not None:
            reason = "later"
        elif not reason:
            tiers = prices.get((each.id, wanted.product_id), ())
            reached = [tier for tier in tiers if tier.from_quantity <= wanted.quantity]
            if reached:
                counts = max(reached, key=lambda tier: (tier.from_quantity, tier.valid_from or date.min, tier.id))
                named, reason = each, "counts"
                values = {"price": counts.unit_price_minor, "quantity": _plain(counts.from_quantity)}
            elif tiers:
                reason = "quantity"
                values["quantity"] = _plain(min(tier.from_quantity for tier in tiers))
            else:
                reason = "product"
        why.append(Why(list=each.name, title=each.title, reason=reason, values=values))
    return PriceFound(
        product_id=wanted.product_id,
        unit_price=counts.unit_price_minor if counts is not None else None,
        currency=currency,
        list=named.name if named is not None else None,
        list_id=named.id if named is not None else None,
        unit=counts.unit if counts is not None else "",
        why=tuple(why),
    )


def _refused(
    session: CrmSession, found: PriceList, customer_id: UUID, currency: str, day: date, tax_included: bool | None
) -> str:
    """Return why a list does not count whatever is bought, or nothing."""
    if found.currency != currency:
        return "currency"
    if tax_included is not None and found.tax_included != tax_included:
        return "tax" if found.tax_included else "no_tax"
    if not _holds(found, day):
        return "day"
    if not found.condition.strip():
        return ""
    with session.crm.session(Actor.plugin("sales")) as own:
        try:
            met = own.scalar(customers_where(own, found.condition, among=[customer_id])) is not None
        except CrmkitError:
            # A fact that it speaks of is gone, with the plugin that had it: the list is for nobody then.
            return "broken"
    return "" if met else "condition"


def _holds(row: PriceList | Price, day: date) -> bool:
    return (row.valid_from is None or row.valid_from <= day) and (row.valid_to is None or day <= row.valid_to)


def _plain(quantity: Decimal) -> Decimal:
    """Return a quantity without the zeros that its column adds."""
    return quantity.quantize(Decimal(1)) if quantity == quantity.to_integral_value() else quantity.normalize()
