"""The page of offers: to whom to offer what, and for one customer why, and what is expected next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Customer, Page, Product, moment_of, texts
from crmkit_value.offers.display import HOME, next_days
from crmkit_value.offers.models import NextOffer, NotOffered, OfferedProduct
from crmkit_value.offers.reading import best_offers, expected_of, offers_of
from crmkit_value.policy.operations import policy_of

_ = texts("crmkit_value")

SHOWN = 50


def offers_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return the offers of one customer, or the best ones of all that the reader sees."""
    customer = _customer(session, query.get("customer", ""))
    found = best_offers(session, SHOWN) if customer is None else offers_of(session, [customer.id])
    ids = [customer.id] if customer is not None else [each.customer_id for each in found]
    rights = session.guarding.rights
    return {
        "customer": customer,
        "offers": found,
        "names": {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))},
        "expected": expected_of(session, ids),
        "days": next_days(session, ids),
        "left_out": [] if rights.scope("value.not_offered", "read") == "none" else _left_out(session),
        "totals": _totals(session) if customer is None else None,
        "policy": policy_of(session),
        "currency": moment_of(session).base_currency,
        "language": language,
        "may_run": rights.scope("value.score", "run") != "none",
        "may_manage": rights.scope("value.policy", "manage") != "none",
        "home": HOME,
        "here": HOME if customer is None else f"{HOME}?customer={customer.id}",
    }


def _customer(session: CrmSession, text: str) -> Customer | None:
    try:
        return session.scalars(select(Customer).where(Customer.id == UUID(text))).first() if text else None
    except ValueError:
        return None


def _left_out(session: CrmSession) -> list[Any]:
    query = select(NotOffered, Product.title).join(Product, Product.id == NotOffered.product_id)
    return list(session.execute(query.order_by(Product.title).limit(SHOWN)))


def _totals(session: CrmSession) -> Mapping[str, int]:
    customers, offers = session.execute(
        select(func.count(NextOffer.customer_id.distinct()), func.count()).select_from(NextOffer)
    ).one()
    products = session.scalar(select(func.count()).select_from(OfferedProduct)) or 0
    return {"customers": customers, "offers": offers, "products": products}


PAGES = [
    Page(
        name="value.offers",
        title=_("Next best offers"),
        path="/offers",
        template="value/offers/offers.html",
        context=offers_page,
        permission="value.score.read",
        icon="gift",
        order=62,
    )
]
