"""Reading what to offer whom, with the reason in words, and what is expected next. Must not change anything."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Product, texts
from crmkit.i18n import translate
from crmkit_value.offers.models import NextOffer, NextProduct

_ = texts("crmkit_value")

BECAUSE = _(
    "Because they bought {because}: of {base} who did, {together} bought this too, {lift} times as often as all."
)
USUAL = _("Bought on {days} days.")


@frozen(kw_only=True)
class Offer:
    """A product to offer to a customer; amounts are in minor units of the base currency."""

    customer_id: UUID
    product: Product
    because: Product
    together: int
    base: int
    lift: Decimal
    margin_minor: int
    score: int

    def why(self, language: str) -> str:
        """Return the reason in words of a language."""
        return translate(
            BECAUSE,
            language,
            because=self.because.title,
            base=self.base,
            together=self.together,
            lift=f"{self.lift:.1f}",
        )


@frozen(kw_only=True)
class Expected:
    """The product that a customer is expected to buy next: ``why`` is "usual" or "pair"."""

    customer_id: UUID
    product: Product
    why: str
    days: int

    def reason(self, language: str) -> str:
        """Return the reason in words of a language; what goes with a purchase has the one of the offer."""
        return translate(USUAL, language, days=self.days) if self.why == "usual" else ""


def offers_of(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Offer]:
    """Return the offers of some customers whom the reader may see, the best of each first."""
    because = aliased(Product)
    query = (
        select(NextOffer, Product, because)
        .join(Product, Product.id == NextOffer.product_id)
        .join(because, because.id == NextOffer.because_id)
        .where(NextOffer.customer_id.in_(customer_ids))
        .order_by(NextOffer.customer_id, NextOffer.position)
    )
    return [_offer(found, product, reason) for found, product, reason in session.execute(query)]


def best_offers(session: CrmSession, limit: int) -> list[Offer]:
    """Return the offers of the most promise of all customers whom the reader may see, one of each."""
    because = aliased(Product)
    query = (
        select(NextOffer, Product, because)
        .join(Product, Product.id == NextOffer.product_id)
        .join(because, because.id == NextOffer.because_id)
        .where(NextOffer.position == 1)
        .order_by(NextOffer.score.desc(), NextOffer.customer_id)
        .limit(limit)
    )
    return [_offer(found, product, reason) for found, product, reason in session.execute(query)]


def expected_of(session: CrmSession, customer_ids: Sequence[UUID]) -> dict[UUID, Expected]:
    """Return which product each of some customers is expected to buy next."""
    query = (
        select(NextProduct, Product)
        .join(Product, Product.id == NextProduct.product_id)
        .where(NextProduct.customer_id.in_(customer_ids))
    )
    return {
        found.customer_id: Expected(customer_id=found.customer_id, product=product, why=found.why, days=found.days)
        for found, product in session.execute(query)
    }


def _offer(found: Any, product: Product, because: Product) -> Offer:
    return Offer(
        customer_id=found.customer_id,
        product=product,
        because=because,
        together=found.together,
        base=found.base,
        lift=found.lift,
        margin_minor=found.margin_minor,
        score=found.score,
    )
