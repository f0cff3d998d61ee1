"""What to offer each customer next, and what they are expected to buy, as facts.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Select, select

from crmkit import Fact, FactQuery, FactSet, Money, Product, texts
from crmkit_value.offers.models import NextOffer, NextProduct

_ = texts("crmkit_value")

_OFFER, _NEXT, _PRODUCT = (cast(Any, model).__table__ for model in (NextOffer, NextProduct, Product))


def select_offers(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer to whom something is to be offered, as it was found last."""
    table, because = _OFFER, _PRODUCT.alias("because")
    source = table.join(_PRODUCT, _PRODUCT.c.id == table.c.product_id)
    source = source.join(because, because.c.id == table.c.because_id)
    return (
        select(
            table.c.customer_id,
            _PRODUCT.c.sku.label("next_offer"),
            because.c.sku.label("next_offer_because"),
            table.c.lift.label("next_offer_lift"),
            table.c.margin_minor.label("next_offer_margin"),
        )
        .select_from(source)
        .where(table.c.position == 1, query.within(table.c.customer_id))
    )


def select_next(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer of whom it is told what they will buy next."""
    source = _NEXT.join(_PRODUCT, _PRODUCT.c.id == _NEXT.c.product_id)
    found = select(_NEXT.c.customer_id, _PRODUCT.c.sku.label("next_product"), _NEXT.c.why.label("next_product_why"))
    return found.select_from(source).where(query.within(_NEXT.c.customer_id))


FACTS = [
    FactSet(
        name="value",
        select=select_offers,
        temporal=False,
        doc=_("What to offer the customer next"),
        columns=[
            Fact(
                name="next_offer",
                type=str | None,
                title=_("Next best offer"),
                doc=_("SKU of the product with the highest lift times margin that goes with what was bought"),
            ),
            Fact(
                name="next_offer_because",
                type=str | None,
                title=_("Reason of the next best offer"),
                doc=_("SKU of the product that was bought because of which it is to be offered"),
            ),
            Fact(
                name="next_offer_lift",
                type=Decimal | None,
                title=_("Lift of the next best offer"),
                doc=_("How many times as often as among all it is bought by who bought that product"),
            ),
            Fact(
                name="next_offer_margin",
                type=Money | None,
                title=_("Margin of the next best offer"),
                doc=_("What stays of a purchase of it on average"),
            ),
        ],
    ),
    FactSet(
        name="value",
        select=select_next,
        temporal=False,
        doc=_("What the customer is expected to buy next"),
        columns=[
            Fact(
                name="next_product",
                type=str | None,
                title=_("Next product"),
                doc=_("SKU of the product bought on most days, two at least, else of the next best offer"),
            ),
            Fact(
                name="next_product_why",
                type=str | None,
                title=_("Reason of the next product"),
                doc=_("usual or pair: bought again and again, or goes with a purchase"),
            ),
        ],
    ),
]
