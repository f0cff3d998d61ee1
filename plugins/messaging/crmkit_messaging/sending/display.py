"""What sending adds where customers are shown: entries of the timeline, a panel, a card; and reasons in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from crmkit import CardLine, CrmSession, Customer, DashboardCard, Panel, TimelineEntry, texts
from crmkit_messaging.sending.models import OutgoingMessage
from crmkit_messaging.sending.words import HAPPENED, REASONS, SHORT, STATES, SUPPRESSIONS

_ = texts("crmkit_messaging")

MOST = 6
PATH = "/modules/messaging/outbox"


def reason_of(message: OutgoingMessage) -> tuple[str, Mapping[str, Any]]:
    """Return why a message is in its state, as a text that can be translated and the values of its fields."""
    values = dict(message.reason_values)
    if message.reason == "suppressed":
        values["suppression"] = SUPPRESSIONS.get(str(values.get("suppression")), "")
    return REASONS.get(message.reason or "", message.reason or ""), values


def timeline(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> Sequence[TimelineEntry]:
    """Return the messages that did not leave: those that did are interactions."""
    query = select(OutgoingMessage).where(
        OutgoingMessage.customer_id.in_(customer_ids),
        OutgoingMessage.state.in_(["refused", "failed", "uncertain", "waiting", "cancelled"]),
    )
    if since is not None:
        query = query.where(OutgoingMessage.created_at >= since)
    if until is not None:
        query = query.where(OutgoingMessage.created_at < until)
    return [
        TimelineEntry(
            customer_id=each.customer_id,
            occurred_at=each.created_at,
            kind="messaging.message",
            title=HAPPENED[each.state],
            summary=SHORT.get(each.reason or "", ""),
            ref=f"messaging.message:{each.id}",
        )
        for each in session.scalars(query.order_by(OutgoingMessage.created_at, OutgoingMessage.id))
    ]


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> Sequence[Panel]:
    """Return how many messages of each customer were sent, wait or did not leave, and when the last one left."""
    query = (
        select(
            OutgoingMessage.customer_id,
            OutgoingMessage.state,
            func.count(),
            func.max(OutgoingMessage.sent_at),
        )
        .where(OutgoingMessage.customer_id.in_(customer_ids))
        .group_by(OutgoingMessage.customer_id, OutgoingMessage.state)
    )
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    last: dict[UUID, datetime] = {}
    for customer_id, state, number, sent_at in session.execute(query):
        counts[customer_id][state] = number
        if sent_at is not None:
            last[customer_id] = max(last.get(customer_id, sent_at), sent_at)
    return [
        Panel(
            customer_id=customer_id,
            title=_("Outgoing messages"),
            rows=[
                *((STATES[state], str(found[state])) for state in STATES if state in found),
                *([(_("Last sent"), _shown(session, last[customer_id]))] if customer_id in last else []),
            ],
            path=f"{PATH}?customer={customer_id}",
            link=_("All messages"),
        )
        for customer_id, found in counts.items()
    ]


def _shown(session: CrmSession, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(session.crm.config.get(session).zone)):%Y-%m-%d %H:%M}"


def uncertain(session: CrmSession) -> Sequence[CardLine]:
    """Return the messages that somebody has to decide on, the oldest first."""
    found = session.scalars(
        select(OutgoingMessage)
        .where(OutgoingMessage.state == "uncertain")
        .order_by(OutgoingMessage.left_at, OutgoingMessage.id)
        .limit(MOST)
    ).all()
    ids = [each.customer_id for each in found]
    names = {each.id: str(each.name) for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    return [
        CardLine(
            title=names.get(each.customer_id, ""),
            hint=REASONS["unknown_end"],
            at=each.left_at,
            path=f"/records/messaging.message/{each.id}",
            icon="send",
            tone="warn",
        )
        for each in found
    ]


CARDS = [
    DashboardCard(
        name="messaging.uncertain",
        title=_("Messages that may not have left"),
        rows=uncertain,
        permission="messaging.message.manage",
        path=f"{PATH}?state=uncertain",
        icon="send",
    )
]
