"""What is known of customers' cases, as facts, as of any day by the history of cases.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, or_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_service.cases.models import Case, CaseEvent
from crmkit_service.cases.words import UNFINISHED, WAITING

_ = texts("crmkit_service")

CASES = cast(Any, Case).__table__
EVENTS = cast(Any, CaseEvent).__table__
RECENT = timedelta(days=90)
NEVER_WERE = ("merged", "spam")
"""States of what counts as no case of its own."""


def known(query: FactQuery) -> Any:
    """Return the condition for what had happened to cases by ``as_of``, as known at ``known_at``: for facts of all
    rooms."""
    had_been = EVENTS.c.at <= query.as_of
    seen = had_been if query.present else and_(had_been, EVENTS.c.recorded_at <= query.known_at)
    return and_(seen, query.within(EVENTS.c.customer_id))


def states_of(query: FactQuery) -> Any:
    """Return cases with the states in which they were, as a subquery: ``case_id``, ``customer_id``, ``kind``,
    ``opened_at`` and ``state``. Of which kind a case is, is not kept in time."""
    if query.present:
        rows = select(
            CASES.c.id.label("case_id"), CASES.c.customer_id, CASES.c.kind, CASES.c.opened_at, CASES.c.state
        ).where(query.within(CASES.c.customer_id), CASES.c.opened_at <= query.as_of)
        return rows.subquery("service_states")
    place = func.row_number().over(partition_by=EVENTS.c.case_id, order_by=(EVENTS.c.at.desc(), EVENTS.c.id.desc()))
    ranked = (
        select(EVENTS.c.case_id, EVENTS.c.after.label("state"), place.label("place"))
        .where(known(query), EVENTS.c.kind.in_(("opened", "state")))
        .subquery("service_ranked")
    )
    return (
        select(ranked.c.case_id, CASES.c.customer_id, CASES.c.kind, CASES.c.opened_at, ranked.c.state)
        .select_from(ranked.join(CASES, CASES.c.id == ranked.c.case_id))
        .where(ranked.c.place == 1)
        .subquery("service_states")
    )


def select_cases(query: FactQuery) -> Select[Any]:
    """Return how many cases of each customer there were, and in which state."""
    states = states_of(query)
    column = states.c
    counts = column.state.not_in(NEVER_WERE)
    complaint = and_(counts, column.kind == "complaint")
    is_open = column.state.in_(UNFINISHED)
    found: Any = (
        select(
            column.customer_id,
            func.count(case((counts, 1))).label("case_count"),
            func.count(case((is_open, 1))).label("open_cases"),
            func.count(case((column.state.in_(WAITING), 1))).label("waiting_cases"),
            func.count(case((complaint, 1))).label("complaints"),
            func.count(case((and_(complaint, is_open), 1))).label("open_complaints"),
            func.count(case((and_(complaint, column.opened_at > query.ago(RECENT)), 1))).label("complaints_90_days"),
            func.max(case((counts, column.opened_at))).label("last_case_at"),
            func.max(case((complaint, column.opened_at))).label("last_complaint_at"),
        )
        .where(query.within(column.customer_id))
        .group_by(column.customer_id)
    )
    return cast("Select[Any]", found)


def select_events(query: FactQuery) -> Select[Any]:
    """Return what happened to the cases of each customer, and when last."""
    kind, after = EVENTS.c.kind, EVENTS.c.after
    resolved = and_(kind == "state", after == "resolved")
    found: Any = (
        select(
            EVENTS.c.customer_id,
            func.max(case((resolved, EVENTS.c.at))).label("last_resolved_at"),
            func.count(case((and_(kind == "state", after == "reopened"), 1))).label("reopened"),
            func.count(case((kind == "customer_message", 1))).label("messages"),
            func.max(case((kind == "customer_message", EVENTS.c.at))).label("last_message_at"),
            func.max(case((kind == "agent_message", EVENTS.c.at))).label("last_answer_at"),
        )
        .where(known(query), kind.in_(("state", "customer_message", "agent_message")))
        .group_by(EVENTS.c.customer_id)
    )
    return cast("Select[Any]", found)


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers to whose cases something has happened or become known between two moments, or whose
    complaints have become old."""
    later = or_(EVENTS.c.recorded_at > since.known_at, EVENTS.c.at > since.as_of, EVENTS.c.at > query.as_of)
    aged = and_(CASES.c.opened_at > since.ago(RECENT), CASES.c.opened_at <= query.ago(RECENT))
    return select(EVENTS.c.customer_id).where(later).union(select(CASES.c.customer_id).where(aged)).subquery().select()


FACTS = [
    FactSet(
        name="service",
        title=_("Service"),
        doc=_("Cases of the customer"),
        select=select_cases,
        touched=touched,
        columns=[
            Fact(name="case_count", type=int, default=0, doc=_("Cases, without spam and what was merged")),
            Fact(name="open_cases", type=int, default=0, doc=_("Cases that are not resolved")),
            Fact(name="waiting_cases", type=int, default=0, doc=_("Cases that wait for somebody")),
            Fact(name="complaints", type=int, default=0, doc=_("Complaints")),
            Fact(name="open_complaints", type=int, default=0, doc=_("Complaints that are not resolved")),
            Fact(name="complaints_90_days", type=int, default=0, doc=_("Complaints of the last 90 days")),
            Fact(name="last_case_at", type=datetime | None, doc=_("When the last case was opened")),
            Fact(name="last_complaint_at", type=datetime | None, doc=_("When the last complaint came in")),
        ],
    ),
    FactSet(
        name="service",
        doc=_("What happened to the cases of the customer"),
        select=select_events,
        touched=touched,
        columns=[
            Fact(name="last_resolved_at", type=datetime | None, doc=_("When a case was resolved last")),
            Fact(name="reopened", type=int, default=0, doc=_("How often cases were opened again")),
            Fact(name="messages", type=int, default=0, doc=_("Messages of the customer in cases")),
            Fact(name="last_message_at", type=datetime | None, doc=_("When the customer wrote last in a case")),
            Fact(name="last_answer_at", type=datetime | None, doc=_("When a person answered last in a case")),
        ],
    ),
]
