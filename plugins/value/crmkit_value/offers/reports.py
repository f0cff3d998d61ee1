"""The report on offers: to how many customers which product is to be offered, and what that may bring."""

from __future__ import annotations

from sqlalchemy import func, select

from crmkit import Chart, Column, CrmSession, Note, Product, Report, Table, texts
from crmkit_value.offers.models import NextOffer, OfferedProduct

_ = texts("crmkit_value")

MOST = 200


def offer_rows(session: CrmSession, parameters: object, moment: object) -> Table:
    """Return for each product how many customers it is to be offered to, of those that the reader sees."""
    number, lift = func.count(), func.avg(NextOffer.lift)
    query = (
        select(Product.sku, Product.title, number, lift, OfferedProduct.margin_minor, OfferedProduct.gap_days)
        .select_from(NextOffer)
        .join(Product, Product.id == NextOffer.product_id)
        .join(OfferedProduct, OfferedProduct.product_id == NextOffer.product_id)
        .group_by(Product.sku, Product.title, OfferedProduct.margin_minor, OfferedProduct.gap_days)
        .order_by(number.desc(), Product.sku)
        .limit(MOST)
    )
    rows = [
        {
            "key": sku,
            "product": title,
            "customers": count,
            "lift": round(float(mean), 2),
            "margin": margin,
            "gap": gap,
        }
        for sku, title, count, mean, margin, gap in session.execute(query)
    ]
    return Table(rows=rows, notes=[] if rows else [Note(text=_("There are no offers yet."))])


REPORTS = [
    Report(
        name="value.offers",
        title=_("Next best offers"),
        rows=offer_rows,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="product", title=_("Product")),
            Column(name="customers", title=_("Customers"), kind="integer", total=True),
            Column(name="lift", title=_("Lift"), kind="number", doc=_("On average over these customers.")),
            Column(name="margin", title=_("Margin"), kind="money", doc=_("Of one purchase on average.")),
            Column(name="gap", title=_("Usual gap (days)"), kind="integer"),
        ],
        charts=[Chart.bars("product", "customers")],
        permission="value.score.read",
        temporal=False,
        doc=_("To how many customers which product is to be offered, as it was found last."),
    )
]
