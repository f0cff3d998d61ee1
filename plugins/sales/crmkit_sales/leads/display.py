"""What leads add where a customer is shown, and to the first page: what was offered and waits for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CardLine, CrmSession, DashboardCard, Panel, TimelineEntry, texts
from crmkit_sales.leads.history import path_of
from crmkit_sales.leads.models import Lead, LeadChange, LeadSource
from crmkit_sales.leads.words import ABILITIES, CLOSED, INTENTS, STATES, TIMINGS

_ = texts("crmkit_sales")

HOME = "/modules/sales/leads"
MOST = 6
TOLD = {
    "opened": _("Lead came in"),
    "qualified": _("Lead qualified"),
    "accepted": _("Lead accepted"),
    "converted": _("Lead converted"),
    "disqualified": _("Lead disqualified"),
}
"""What stands in the timeline of a customer, by what happened."""


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return the open lead of each customer who has one."""
    query = (
        select(Lead, LeadSource.title)
        .outerjoin(LeadSource, LeadSource.id == Lead.source_id)
        .where(Lead.customer_id.in_(customer_ids), Lead.state.not_in(CLOSED))
        .order_by(Lead.opened_at, Lead.id)
    )
    found: dict[UUID, Panel] = {}
    for lead, source in session.execute(query):
        rows = [
            (_("State"), STATES[lead.state]),
            (_("Source"), source or "–"),
            (_("Intent"), INTENTS[lead.intent]),
            (_("Ability to pay"), ABILITIES[lead.ability]),
            (_("Timing"), TIMINGS[lead.timing]),
        ]
        if lead.customer_id not in found:
            found[lead.customer_id] = Panel(
                customer_id=lead.customer_id, title=_("Lead"), rows=rows, path=path_of(lead), link=lead.title
            )
    return list(found.values())


def timeline_entries(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    """Return how far leads of customers came, and when, within the half-open span."""
    query = (
        select(LeadChange, Lead.title)
        .join(Lead, Lead.id == LeadChange.lead_id)
        .where(LeadChange.customer_id.in_(customer_ids), LeadChange.cause.in_(TOLD))
        .order_by(LeadChange.since, LeadChange.id)
    )
    if since is not None:
        query = query.where(LeadChange.since >= since)
    if until is not None:
        query = query.where(LeadChange.since < until)
    return [
        TimelineEntry(
            customer_id=change.customer_id,
            occurred_at=change.since,
            kind=f"sales.lead.{change.cause}",
            title=TOLD[change.cause],
            summary=title,
            ref=f"sales.lead:{change.lead_id}",
        )
        for change, title in session.execute(query)
    ]


def offered_to_me(session: CrmSession) -> list[Lead]:
    """Return the leads that wait for an answer of whoever looks, the most urgent first."""
    user_id = session.guarding.rights.user_id
    if user_id is None:
        return []
    query = select(Lead).where(Lead.state == "offered", Lead.owner_id == user_id)
    return list(session.scalars(query.order_by(Lead.accept_by, Lead.id)))


def waiting_count(session: CrmSession) -> int:
    """Return how many leads wait for an answer of whoever looks."""
    user_id = session.guarding.rights.user_id
    if user_id is None:
        return 0
    return session.scalar(select(func.count(Lead.id)).where(Lead.state == "offered", Lead.owner_id == user_id)) or 0


def offered_lines(session: CrmSession) -> Sequence[CardLine]:
    """Return the leads that wait for an answer of whoever looks."""
    now = session.gate.clock.now()
    return [
        CardLine(
            title=each.title,
            hint=_("late") if each.accept_by is not None and each.accept_by < now else "",
            at=each.accept_by,
            path=path_of(each),
            icon="user-plus",
            tone="warn" if each.accept_by is not None and each.accept_by < now else "info",
        )
        for each in offered_to_me(session)[:MOST]
    ]


CARDS = [
    DashboardCard(
        name="sales.offered_leads",
        title=_("Leads that wait for your answer"),
        rows=offered_lines,
        permission="sales.lead.answer",
        path=HOME,
        icon="user-plus",
        order=20,
    )
]
