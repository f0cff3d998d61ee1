"""What feedback adds where a customer is shown, to the first page and to the search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import CardLine, CrmSession, DashboardCard, Panel, Searchable, SearchField, TimelineEntry, texts
from crmkit_feedback.items.history import path_of
from crmkit_feedback.items.models import Feedback, FeedbackEvent
from crmkit_feedback.items.words import BANDS, OPEN, SENTIMENTS, STATES

_ = texts("crmkit_feedback")

MOST = 6
TOLD = {
    "received": _("Feedback"),
    "customer_contacted": _("Contacted about feedback"),
    "resolved": _("Feedback resolved"),
    "verified": _("Feedback verified"),
    "not_solved": _("Feedback not solved"),
}
"""What stands in the timeline of a customer."""


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return the last feedback of each customer who gave some, and how much of it is open."""
    query = select(Feedback).where(Feedback.customer_id.in_(customer_ids))
    found: dict[UUID, list[Feedback]] = {}
    for each in session.scalars(query.order_by(Feedback.received_at.desc(), Feedback.id)):
        if each.customer_id is not None:
            found.setdefault(each.customer_id, []).append(each)
    zone = ZoneInfo(session.crm.config.get(session).zone)
    panels: list[Panel] = []
    for customer_id, items in found.items():
        last = items[0]
        open_ones = [each for each in items if each.loop and each.state in OPEN]
        rows: list[tuple[str, str]] = [
            (_("Feedback"), str(len(items))),
            (_("Still open"), str(len(open_ones))),
            (_("Last"), f"{last.received_at.astimezone(zone):%Y-%m-%d}"),
        ]
        if last.band is not None:
            rows.append((_("Score"), BANDS[last.band]))
        elif last.sentiment is not None:
            rows.append((_("Sentiment"), SENTIMENTS[last.sentiment]))
        shown = open_ones[0] if open_ones else last
        if shown.loop:
            rows.append((_("State"), STATES[shown.state]))
        if open_ones and shown.due_at is not None:
            rows.append((_("Due at"), f"{shown.due_at.astimezone(zone):%Y-%m-%d %H:%M}"))
        panels.append(
            Panel(
                customer_id=customer_id,
                title=_("Feedback"),
                rows=rows,
                path=path_of(shown),
                link=_short(shown.verbatim) or str(shown.number),
            )
        )
    return panels


def timeline_entries(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    """Return when feedback of customers came in (what is no interaction of its own), and what became of it, within the
    half-open span."""
    query = (
        select(FeedbackEvent, Feedback)
        .join(Feedback, Feedback.id == FeedbackEvent.feedback_id)
        .where(FeedbackEvent.customer_id.in_(customer_ids), FeedbackEvent.kind.in_(("received", "moved", "verdict")))
        .order_by(FeedbackEvent.at, FeedbackEvent.id)
    )
    if since is not None:
        query = query.where(FeedbackEvent.at >= since)
    if until is not None:
        query = query.where(FeedbackEvent.at < until)
    found: list[TimelineEntry] = []
    for event, feedback in session.execute(query):
        if event.customer_id is None:
            continue
        what = "received" if event.kind == "received" else event.after
        # A response, a call and a mail stand in the timeline as what they are; a rating does by service.
        beside = feedback.interaction_id is not None or feedback.source == "case"
        if what not in TOLD or (what == "received" and beside):
            continue
        found.append(
            TimelineEntry(
                customer_id=event.customer_id,
                occurred_at=event.at,
                kind=f"feedback.{what}",
                title=TOLD[what],
                summary=f"{feedback.number} · {_short(feedback.verbatim) or feedback.item or '–'}",
                ref=f"feedback.feedback:{feedback.id}",
            )
        )
    return found


def mine_lines(session: CrmSession) -> Sequence[CardLine]:
    """Return the feedback that whoever looks has to see to, the first that is due first."""
    user_id = session.guarding.rights.user_id
    if user_id is None:
        return []
    now = session.gate.clock.business_now()
    query = (
        select(Feedback)
        .where(Feedback.owner_id == user_id, Feedback.loop.is_(True), Feedback.state.in_(OPEN))
        .order_by(Feedback.due_at, Feedback.id)
        .limit(MOST)
    )
    return [
        CardLine(
            title=f"{each.number} · {_short(each.verbatim) or each.item or '–'}",
            hint=STATES[each.state],
            at=each.due_at,
            path=path_of(each),
            icon="message-circle",
            tone="bad" if each.due_at is not None and each.due_at < now and each.touched_at is None else "info",
        )
        for each in session.scalars(query)
    ]


def _short(text: Any, most: int = 80) -> str:
    """Return the beginning of a text; of one that the reader may not see nothing."""
    if type(text) is not str:
        return ""
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 1]}…"


CARDS = [
    DashboardCard(
        name="feedback.mine",
        title=_("My feedback"),
        rows=mine_lines,
        permission="feedback.feedback.update",
        path="/modules/feedback/inbox",
        icon="message-circle",
        order=18,
    )
]
SEARCHABLES = [
    Searchable(
        name="feedback.feedback",
        model=Feedback,
        title=_("Feedback"),
        fields=[SearchField(name="item", part="title"), SearchField(name="verbatim", part="text")],
        customer="customer_id",
    )
]
