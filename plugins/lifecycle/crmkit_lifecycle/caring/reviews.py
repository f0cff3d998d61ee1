"""The calendar of renewals and reviews: planning them, telling of them in time, holding them, planning the next one.

Renewals follow from contracts by themselves where a plugin knows when these end. Must not know that plugin.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from crmkit_work.api import NewNotice, notify
from sqlalchemy import select

from crmkit import (
    Conflict,
    CrmSession,
    Customer,
    Input,
    Job,
    NotFound,
    Refused,
    catalogue_of,
    frame,
    operation,
    texts,
)
from crmkit_lifecycle.caring.events import ReviewDone, ReviewDue
from crmkit_lifecycle.caring.models import Review
from crmkit_lifecycle.caring.words import REVIEWS

_ = texts("crmkit_lifecycle")

ENDS = ("sales.next_contract_end",)
"""The facts that may say when a contract ends, the first that there is counts."""
AHEAD = 90


@operation("lifecycle.review.plan", title=_("Plan a review"), permission="lifecycle.review.create", effect="create")
def plan_review(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    kind: Annotated[
        Literal["renewal", "qbr", "check_in"], Input(title=_("Kind"), choices=REVIEWS, classified="internal")
    ],
    due_on: Annotated[date, Input(title=_("On"), classified="internal")],
    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")] = "",
    every_months: Annotated[
        int | None, Input(title=_("Every (months)"), minimum=1, maximum=120, classified="internal")
    ] = None,
    lead_days: Annotated[
        int, Input(title=_("Told so many days before"), minimum=0, maximum=365, classified="internal")
    ] = 14,
) -> Review:
    """Plan a renewal, a quarterly review or a check-in with a customer. Raises NotFound for an unknown customer."""
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    review = Review(
        customer_id=customer_id,
        owner_id=customer.owner_id,
        team_id=customer.team_id,
        kind=kind,
        title=title.strip() or str(REVIEWS[kind]),
        due_on=due_on,
        every_months=every_months,
        lead_days=lead_days,
        state="planned",
    )
    session.add(review)
    return review


@operation("lifecycle.review.hold", title=_("Was held"), permission="lifecycle.review.update", effect="update")
def hold_review(
    session: CrmSession,
    review: Review,
    *,
    result: Annotated[str, Input(title=_("Result"), max_length=2000, multiline=True)] = "",
) -> Review:
    """Say that a review was held, and what came of it; one that repeats is planned anew. Raises Conflict for one that
    was held or cancelled."""
    _planned(review)
    review.state, review.done_on, review.result = "done", session.today(), result.strip() or None
    review.handled_by = session.guarding.rights.user_id
    session.emit(ReviewDone(customer_id=review.customer_id, review_id=review.id, kind=review.kind))
    if review.every_months:
        session.add(
            Review(
                customer_id=review.customer_id,
                owner_id=review.owner_id,
                team_id=review.team_id,
                kind=review.kind,
                title=review.title,
                due_on=later(review.due_on, review.every_months),
                every_months=review.every_months,
                lead_days=review.lead_days,
                state="planned",
            )
        )
    return review


@operation("lifecycle.review.cancel", title=_("Cancel"), permission="lifecycle.review.update", effect="update")
def cancel_review(session: CrmSession, review: Review) -> Review:
    """Cancel a review, and with it those that would follow. Raises Conflict for one that was held or cancelled."""
    _planned(review)
    review.state = "cancelled"
    return review


def _planned(review: Review) -> None:
    if review.state != "planned":
        raise Conflict(_("This review was held or cancelled."))


def later(day: date, months: int) -> date:
    """Return the same day of the month so many months later, the last one where there is no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@operation("lifecycle.review.remind", title=_("Tell of reviews"), permission="lifecycle.review.update", hidden=True)
def remind(session: CrmSession) -> int:
    """Plan renewals of contracts that end, tell owners of what comes up, and return of how much. Raises Refused outside
    system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    _plan_renewals(session)
    today = session.today()
    query = select(Review).where(Review.state == "planned", Review.told_at.is_(None)).order_by(Review.due_on, Review.id)
    told = 0
    for each in session.scalars(query.where(Review.due_on <= today + timedelta(days=365))).all():
        if each.due_on - timedelta(days=each.lead_days) > today:
            continue
        each.told_at = session.gate.clock.now()
        told += 1
        session.emit(ReviewDue(customer_id=each.customer_id, review_id=each.id, kind=each.kind))
        notice = NewNotice(
            kind="lifecycle.review",
            title=_("{kind} with {customer} on {day}"),
            values={"kind": REVIEWS[each.kind], "day": each.due_on},
            customer_id=each.customer_id,
            path="/modules/lifecycle/care",
        )
        notify(session, [each.owner_id], notice)
    return told


def _plan_renewals(session: CrmSession) -> None:
    names = set(catalogue_of(session).names())
    fact = next((each for each in ENDS if each in names), None)
    if fact is None:
        return
    today = session.today()
    ends: dict[UUID, date] = {}
    for customer_id, value in frame(session, [fact], where=f"days_until({fact}) <= {AHEAD}").rows():
        day = value.date() if isinstance(value, datetime) else value
        if day is not None and day >= today:
            ends[customer_id] = day
    ids = sorted(ends)
    planned: set[tuple[UUID, date]] = set()
    for start in range(0, len(ids), 2000):
        query = select(Review.customer_id, Review.due_on).where(
            Review.kind == "renewal", Review.customer_id.in_(ids[start : start + 2000])
        )
        planned |= {(row[0], row[1]) for row in session.execute(query)}
    for customer_id in ids:
        if (customer_id, ends[customer_id]) not in planned:
            values = {"customer_id": customer_id, "kind": "renewal", "due_on": ends[customer_id], "lead_days": 30}
            session.run("lifecycle.review.plan", values)


def remind_daily(session: CrmSession, tick: datetime) -> None:
    """Tell of what comes up: the job of every morning."""
    session.run("lifecycle.review.remind")


OPERATIONS = [plan_review, hold_review, cancel_review, remind]
JOBS = [
    Job(
        name="lifecycle.remind_of_reviews",
        title=_("Tell of renewals and reviews"),
        handler=remind_daily,
        cron="30 6 * * *",
        catch_up="latest",
        acts_as="system",
    )
]
