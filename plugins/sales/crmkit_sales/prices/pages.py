"""The page of prices: the lists, and what a customer pays for what, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Customer, Money, Page, Product, texts
from crmkit_sales.prices.finding import PriceFound, price_for
from crmkit_sales.prices.models import Price, PriceList

_ = texts("crmkit_sales")

HOME = "/modules/sales/prices"
MOST = 200


@frozen(kw_only=True)
class ShownPrice:
    """A price of a list, with the product that it is of."""

    price: Price
    product: Product


def prices_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the price lists, the prices of one of them, and what was asked: a customer, a product, a quantity."""
    lists = session.execute(
        select(PriceList, func.count(Price.id))
        .outerjoin(Price, Price.list_id == PriceList.id)
        .group_by(PriceList.id)
        .order_by(PriceList.priority.desc(), PriceList.name)
    ).all()
    shown = next((found for found, _count in lists if str(found.id) == query.get("list")), None)
    customer = _record(session, Customer, query.get("customer"))
    product = _record(session, Product, query.get("product"))
    quantity = _quantity(query.get("quantity"))
    config = session.crm.config.get(session)
    currency = _currency(query.get("currency"), [found for found, _count in lists], config.base_currency)
    answer: PriceFound | None = None
    if customer is not None and product is not None and currency:
        answer = price_for(session, customer.id, product.id, quantity, currency, session.today())
    return {
        "lists": [(found, count) for found, count in lists],
        "shown": shown,
        "prices": _prices(session, shown) if shown is not None else [],
        "customer": customer,
        "product": product,
        "quantity": format(quantity.normalize(), "f"),
        "currency": currency,
        "currencies": sorted({found.currency for found, _count in lists}),
        "answer": answer,
        "why": _why(answer),
        "day": session.today(),
        "may_manage": _may(session, "sales.price_list", "manage"),
        "may_see_costs": _may(session, "sales.cost", "read"),
        "here": f"{HOME}?list={shown.id}" if shown is not None else HOME,
        "home": HOME,
        "most": MOST,
    }


def _prices(session: CrmSession, found: PriceList) -> list[ShownPrice]:
    rows = session.execute(
        select(Price, Product)
        .join(Product, Product.id == Price.product_id)
        .where(Price.list_id == found.id)
        .order_by(Product.title, Price.from_quantity, Price.valid_from)
        .limit(MOST)
    )
    return [ShownPrice(price=price, product=product) for price, product in rows]


def _why(answer: PriceFound | None) -> list[tuple[str, str, str, Mapping[str, object]]]:
    """Return for each list its title, what was decided, and the text with its values."""
    if answer is None:
        return []
    found: list[tuple[str, str, str, Mapping[str, object]]] = []
    for each in answer.why:
        values = dict(each.values)
        price = values.get("price")
        if isinstance(price, int):
            values["price"] = str(Money(price, answer.currency))
        found.append((each.title, each.reason, each.text, values))
    return found


def _currency(asked: str | None, lists: list[PriceList], usual: str | None) -> str:
    known = [found.currency for found in lists]
    if asked in known:
        return asked
    return usual if usual in known else known[0] if known else ""


def _record(session: CrmSession, model: Any, text: str | None) -> Any:
    try:
        return session.get(model, UUID(text)) if text else None
    except ValueError:
        return None


def _quantity(text: str | None) -> Decimal:
    try:
        found = Decimal(text or "1")
    except InvalidOperation:
        return Decimal(1)
    return found if found.is_finite() and 0 < found < 10**9 else Decimal(1)


def _may(session: CrmSession, resource: str, action: str) -> bool:
    rights = session.guarding.rights
    return bool(rights.unrestricted) or rights.scope(resource, action) != "none"


PAGES = [
    Page(
        name="sales.prices",
        title=_("Price lists"),
        path="/prices",
        template="sales/prices/prices.html",
        context=prices_page,
        permission="sales.quote.read",
        icon="receipt",
        order=40,
    )
]
