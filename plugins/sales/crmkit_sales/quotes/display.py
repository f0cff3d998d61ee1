"""What quotes add to pages of others: a customer's timeline and panel, and what stands beside a quote's own fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from crmkit import CardLine, CrmSession, Money, Panel, RecordPanel, TimelineEntry, texts
from crmkit.i18n import translate
from crmkit_sales.prices.costs import may_see_costs
from crmkit_sales.quotes.lines import lines_of
from crmkit_sales.quotes.margins import margin_of
from crmkit_sales.quotes.models import Quote
from crmkit_sales.quotes.words import ACCEPTED, APPROVED, DECLINED, DRAFT, IN_APPROVAL, SENT, STATES

_ = texts("crmkit_sales")

PAGE = "/modules/sales/quote"
LIST = "/modules/sales/quotes"
OPEN = (DRAFT, IN_APPROVAL, APPROVED, SENT)


def timeline_entries(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    """Return when quotes were sent, accepted and declined, within the half-open span."""
    found = session.scalars(
        select(Quote).where(
            Quote.customer_id.in_(customer_ids), or_(Quote.sent_at.is_not(None), Quote.answered_at.is_not(None))
        )
    )
    language = session.actor.language or session.business().language
    entries: list[TimelineEntry] = []
    for quote in found:
        moments = [("sales.quote.sent", quote.sent_at, _("Quote sent: {name}"))]
        if quote.state == ACCEPTED:
            moments.append(("sales.quote.accepted", quote.answered_at, _("Quote accepted: {name}")))
        elif quote.answered_at is not None:
            moments.append(("sales.quote.declined", quote.answered_at, _("Quote declined: {name}")))
        entries.extend(
            TimelineEntry(
                customer_id=quote.customer_id,
                occurred_at=at,
                kind=kind,
                title=translate(text, language, name=f"{quote.name} {quote.title}"),
                summary=str(quote.total),
                ref=f"sales.quote:{quote.id}",
            )
            for kind, at, text in moments
            if at is not None and (since is None or at >= since) and (until is None or at < until)
        )
    return entries


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return the open quotes of each customer that has one, and those answered last."""
    found = session.scalars(
        select(Quote)
        .where(Quote.customer_id.in_(customer_ids), Quote.state.in_((*OPEN, ACCEPTED, DECLINED)))
        .order_by(Quote.created_at.desc(), Quote.id.desc())
        .limit(50 * max(len(customer_ids), 1))
    )
    by_customer: dict[UUID, list[Quote]] = defaultdict(list)
    for quote in found:
        by_customer[quote.customer_id].append(quote)
    return [
        Panel(
            customer_id=customer_id,
            title=_("Quotes"),
            rows=tuple((STATES[quote.state], f"{quote.name} · {quote.total}") for quote in quotes[:5]),
            path=f"{LIST}?customer={customer_id}",
            link=_("Show the quotes"),
        )
        for customer_id, quotes in by_customer.items()
    ]


def record_panels(session: CrmSession, quote: Quote) -> list[RecordPanel]:
    """Return the way to the page of a quote, and its margin for who may see what products cost."""
    page = CardLine(
        title=_("Lines, sums and versions"),
        hint=STATES[quote.state],
        figure=quote.total,
        path=f"{PAGE}?id={quote.id}",
        icon="file-text",
    )
    lines = [page]
    if may_see_costs(session):
        found = margin_of(session, quote, lines_of(session, quote))
        lines.append(
            CardLine(
                title=_("Gross margin"),
                hint="" if found.rate is None else _("{rate} % of the net amount"),
                values={"rate": found.rate},
                figure=Money(found.amount, quote.currency),
                icon="coin",
            )
        )
    return [RecordPanel(title=_("Quote {name}"), values={"name": quote.name}, lines=lines, icon="file-text")]
