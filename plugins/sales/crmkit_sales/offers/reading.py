"""Reading offers: what to offer whom, with the reason in words. Must not change anything."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Product, texts
from crmkit.i18n import translate
from crmkit_sales.offers.models import NextOffer

_ = texts("crmkit_sales")

BECAUSE = _(
    "Bought {because}; of {base} who did, {together} bought it too, which is {lift} times as often as among everybody."
)


@frozen(kw_only=True)
class Offer:
    """A product to offer to a customer, and the product that was bought because of which it is."""

    customer_id: UUID
    product: Product
    because: Product
    together: int
    base: int
    confidence: Decimal
    lift: Decimal

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


def offers_of(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Offer]:
    """Return the offers of some customers, the best of each first."""
    because = aliased(Product)
    query = (
        select(NextOffer, Product, because)
        .join(Product, Product.id == NextOffer.product_id)
        .join(because, because.id == NextOffer.because_id)
        .where(NextOffer.customer_id.in_(customer_ids))
        .order_by(NextOffer.customer_id, NextOffer.position)
    )
    return [
        Offer(
            customer_id=found.customer_id,
            product=product,
            because=reason,
            together=found.together,
            base=found.base,
            confidence=found.confidence,
            lift=found.lift,
        )
        for found, product, reason in session.execute(query)
    ]
