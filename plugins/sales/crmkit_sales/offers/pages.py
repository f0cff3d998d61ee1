"""The page of offers: whom to offer what, and for one customer why and what they answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Customer, Page, Product, new_id, texts
from crmkit_sales.offers.display import HOME
from crmkit_sales.offers.models import ANSWERS, Affinity, NextOffer, OfferAnswer
from crmkit_sales.offers.operations import policy_of
from crmkit_sales.offers.reading import offers_of

_ = texts("crmkit_sales")

SHOWN = 50


def offers_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return the offers of one customer, or the likeliest ones of all that the reader sees."""
    customer = _customer(session, query.get("customer", ""))
    if customer is None:
        likeliest = (
            select(NextOffer.customer_id)
            .group_by(NextOffer.customer_id)
            .order_by(func.max(NextOffer.confidence).desc(), NextOffer.customer_id)
            .limit(SHOWN)
        )
        ids = list(session.scalars(likeliest))
    else:
        ids = [customer.id]
    found: dict[UUID, list[Any]] = {each: [] for each in ids}
    for offer in offers_of(session, ids):
        found[offer.customer_id].append(offer)
    rights = session.guarding.rights
    return {
        "customer": customer,
        "names": {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))},
        "offers": found,
        "answers": _answers(session, customer) if customer is not None else (),
        "titles": ANSWERS,
        "pairs": _pairs(session) if customer is None else (),
        "policy": policy_of(session),
        "language": language,
        "may_answer": rights.scope("sales.offer", "answer") != "none",
        "may_manage": rights.scope("sales.offer", "manage") != "none",
        "keys": {(offer.customer_id, offer.product.id): str(new_id()) for own in found.values() for offer in own},
        "home": HOME,
        "here": HOME if customer is None else f"{HOME}?customer={customer.id}",
    }


def _customer(session: CrmSession, text: str) -> Customer | None:
    try:
        return session.get(Customer, UUID(text)) if text else None
    except ValueError:
        return None


def _answers(session: CrmSession, customer: Customer) -> list[Any]:
    query = (
        select(OfferAnswer, Product.title)
        .join(Product, Product.id == OfferAnswer.product_id)
        .where(OfferAnswer.customer_id == customer.id)
    )
    return list(session.execute(query.order_by(OfferAnswer.answered_at.desc()).limit(SHOWN)))


def _pairs(session: CrmSession) -> list[Any]:
    other = aliased(Product)
    query = (
        select(Affinity, Product.title, other.title)
        .join(Product, Product.id == Affinity.product_id)
        .join(other, other.id == Affinity.other_id)
    )
    return list(session.execute(query.order_by(Affinity.confidence.desc(), Affinity.lift.desc()).limit(20)))


PAGES = [
    Page(
        name="sales.offers",
        title=_("Next offers"),
        path="/offers",
        template="sales/offers/offers.html",
        context=offers_page,
        permission="sales.offer.read",
        icon="gift",
        order=47,
    )
]
