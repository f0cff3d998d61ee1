"""What to offer each customer next, as facts. Must not use mapped classes in a select: facts are not the reader's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Select, and_, func, select

from crmkit import Fact, FactQuery, FactSet, Product, texts
from crmkit_sales.offers.models import NextOffer

_ = texts("crmkit_sales")

_OFFER = cast(Any, NextOffer).__table__
_PRODUCT = cast(Any, Product).__table__


def select_offers(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer to whom something is to be offered, as it was found last."""
    table, other, because = _OFFER, _OFFER.alias("better"), _PRODUCT.alias("because")
    first = select(func.min(other.c.position)).where(other.c.customer_id == table.c.customer_id).scalar_subquery()
    source = table.join(_PRODUCT, _PRODUCT.c.id == table.c.product_id)
    source = source.join(because, because.c.id == table.c.because_id)
    return (
        select(
            table.c.customer_id,
            _PRODUCT.c.sku.label("next_offer"),
            because.c.sku.label("next_offer_because"),
            table.c.confidence.label("next_offer_confidence"),
        )
        .select_from(source)
        .where(and_(table.c.position == first, query.within(table.c.customer_id)))
    )


FACTS = [
    FactSet(
        name="sales",
        select=select_offers,
        temporal=False,
        doc=_("What to offer the customer next"),
        columns=[
            Fact(
                name="next_offer",
                type=str | None,
                title=_("Next offer"),
                doc=_("SKU of the product to offer next"),
            ),
            Fact(
                name="next_offer_because",
                type=str | None,
                title=_("Reason of the next offer"),
                doc=_("SKU of the product that was bought because of which it is to be offered"),
            ),
            Fact(
                name="next_offer_confidence",
                type=Decimal | None,
                title=_("Confidence of the next offer"),
                doc=_("Share of those who bought that product who bought this one too, 0 to 1"),
            ),
        ],
    )
]
