"""What quotes say on the first page: those whose last day is near, while the customer has not answered."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from crmkit import CardLine, CrmSession, Customer, DashboardCard, texts
from crmkit_sales.quotes.display import LIST, PAGE
from crmkit_sales.quotes.models import Quote
from crmkit_sales.quotes.words import SENT

_ = texts("crmkit_sales")

DAYS = 7
MOST = 8


def ending_soon(session: CrmSession) -> list[CardLine]:
    """Return quotes that are with customers and end within a week, those of the reader's own."""
    last = session.today() + timedelta(days=DAYS)
    rows = session.execute(
        select(Quote, Customer.name)
        .join(Customer, Customer.id == Quote.customer_id)
        .where(Quote.state == SENT, Quote.valid_until <= last, Quote.owner_id == session.guarding.rights.user_id)
        .order_by(Quote.valid_until, Quote.id)
        .limit(MOST)
    ).all()
    return [
        CardLine(
            title=f"{quote.name} {quote.title}",
            facts=((_("Customer"), name),),
            figure=quote.total,
            at=quote.valid_until,
            path=f"{PAGE}?id={quote.id}",
            icon="file-text",
            tone="warn" if quote.valid_until <= session.today() else "",
        )
        for quote, name in rows
    ]


CARDS = [
    DashboardCard(
        name="sales.quotes_ending",
        title=_("Quotes that end soon"),
        rows=ending_soon,
        permission="sales.quote.read",
        path=LIST,
        icon="file-text",
    )
]
