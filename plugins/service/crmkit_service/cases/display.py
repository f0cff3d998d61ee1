"""What cases add where a customer is shown, to the first page, to calendars and to the search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from crmkit import (
    Calendar,
    CardLine,
    CrmSession,
    DashboardCard,
    Panel,
    Searchable,
    SearchField,
    TimelineEntry,
    texts,
)
from crmkit_service.cases.complaint_models import Complaint
from crmkit_service.cases.history import path_of
from crmkit_service.cases.models import Case, CaseEvent
from crmkit_service.cases.words import KINDS, PRIORITIES, STATES, UNFINISHED

_ = texts("crmkit_service")

MOST = 6
AHEAD = timedelta(days=14)
TOLD = {
    "opened": _("Case opened"),
    "resolved": _("Case resolved"),
    "reopened": _("Case opened again"),
    "closed": _("Case closed"),
}
"""What stands in the timeline of a customer, by the state that a case came into."""


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return the open cases of each customer who has some: how many, and the one that is due first."""
    query = (
        select(Case)
        .where(Case.customer_id.in_(customer_ids), Case.state.in_(UNFINISHED))
        .order_by(Case.due_at.is_(None), Case.due_at, Case.opened_at, Case.id)
    )
    found: dict[UUID, list[Case]] = {}
    for case in session.scalars(query):
        found.setdefault(case.customer_id, []).append(case)
    zone = ZoneInfo(session.crm.config.get(session).zone)
    panels: list[Panel] = []
    for customer_id, cases in found.items():
        first = cases[0]
        rows: list[tuple[str, str]] = [
            (_("Open cases"), str(len(cases))),
            (_("First of them"), str(first.number)),
            (_("Kind"), KINDS[first.kind]),
            (_("State"), STATES[first.state]),
            (_("Priority"), PRIORITIES[first.priority]),
        ]
        if first.due_at is not None:
            rows.append((_("Due at"), f"{first.due_at.astimezone(zone):%Y-%m-%d %H:%M}"))
        panels.append(
            Panel(customer_id=customer_id, title=_("Service"), rows=rows, path=path_of(first), link=first.subject)
        )
    return panels


def timeline_entries(
    session: CrmSession, customer_ids: Sequence[UUID], since: datetime | None, until: datetime | None
) -> list[TimelineEntry]:
    """Return when cases of customers were opened, resolved, opened again and closed, within the half-open span."""
    query = (
        select(CaseEvent, Case)
        .join(Case, Case.id == CaseEvent.case_id)
        .where(CaseEvent.customer_id.in_(customer_ids), CaseEvent.kind.in_(("opened", "state")))
        .order_by(CaseEvent.at, CaseEvent.id)
    )
    if since is not None:
        query = query.where(CaseEvent.at >= since)
    if until is not None:
        query = query.where(CaseEvent.at < until)
    found: list[TimelineEntry] = []
    for event, case in session.execute(query):
        what = "opened" if event.kind == "opened" else event.after
        if what not in TOLD:
            continue
        found.append(
            TimelineEntry(
                customer_id=event.customer_id,
                occurred_at=event.at,
                kind=f"service.case.{what}",
                title=TOLD[what],
                summary=f"{case.number} · {case.subject}",
                ref=f"service.case:{case.id}",
            )
        )
    return found


def regulator_lines(session: CrmSession) -> Sequence[CardLine]:
    """Return the complaints that a regulator waits for within two weeks, or is late with; the first first."""
    today = session.today()
    query = (
        select(Complaint, Case)
        .join(Case, Case.id == Complaint.case_id)
        .where(Complaint.regulator_deadline.is_not(None), Case.state.in_(UNFINISHED))
        .where(Complaint.regulator_deadline <= today + AHEAD)
        .order_by(Complaint.regulator_deadline, Case.number)
        .limit(MOST)
    )
    lines: list[CardLine] = []
    for complaint, case in session.execute(query):
        late = complaint.regulator_deadline is not None and complaint.regulator_deadline < today
        lines.append(
            CardLine(
                title=_("Case {number}: {regulator}"),
                values={"number": str(case.number), "regulator": complaint.regulator or "–"},
                at=complaint.regulator_deadline,
                path=path_of(case),
                icon="shield",
                tone="bad" if late else "warn",
            )
        )
    return lines


def mine_lines(session: CrmSession) -> Sequence[CardLine]:
    """Return the open cases of whoever looks, the first that is due first."""
    user_id = session.guarding.rights.user_id
    if user_id is None:
        return []
    now = session.gate.clock.business_now()
    query = (
        select(Case)
        .where(Case.owner_id == user_id, Case.phase == "open")
        .order_by(Case.due_at.is_(None), Case.due_at, Case.opened_at, Case.id)
        .limit(MOST)
    )
    return [
        CardLine(
            title=f"{case.number} · {case.subject}",
            hint=STATES[case.state],
            at=case.due_at,
            path=path_of(case),
            icon="headset",
            tone="bad" if case.due_at is not None and case.due_at < now else "info",
        )
        for case in session.scalars(query)
    ]


def mine_count(session: CrmSession) -> int:
    """Return how many open cases are those of whoever looks."""
    user_id = session.guarding.rights.user_id
    if user_id is None:
        return 0
    query = select(func.count(Case.id)).where(Case.owner_id == user_id, Case.phase == "open")
    return session.scalar(query) or 0


CARDS = [
    DashboardCard(
        name="service.my_cases",
        title=_("My cases"),
        rows=mine_lines,
        permission="service.case.update",
        path="/records/service.case",
        icon="headset",
        order=15,
    ),
    DashboardCard(
        name="service.regulator",
        title=_("Answers to regulators"),
        rows=regulator_lines,
        permission="service.complaint.update",
        path="/records/service.complaint",
        icon="shield",
        order=25,
    ),
]
CALENDARS = [
    Calendar(
        name="service.regulator_deadlines",
        title=_("Answers to regulators"),
        resource="service.complaint",
        start="regulator_deadline",
        label=["case_id", "regulator"],
        state="upheld",
    ),
    Calendar(
        name="service.after_sales",
        title=_("After-sale work"),
        resource="service.after_sale",
        start="planned_on",
        label=["number", "kind", "customer_id"],
        state="state",
        states={"planned": "info", "in_progress": "warn", "done": "good"},
    ),
]
SEARCHABLES = [
    Searchable(
        name="service.case",
        model=Case,
        title=_("Case"),
        fields=[SearchField(name="subject", part="title")],
        customer="customer_id",
    )
]
