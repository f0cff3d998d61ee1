"""Reading hand-offs: what waits for whoever reads, what they have, what they handed over; and how long sides take.

Must not change anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import ColumnElement, and_, func, or_, select

from crmkit import Chart, Column, CrmSession, Period, Report, Team, User, texts
from crmkit_work.assignment.models import Queue
from crmkit_work.handoffs.models import Handoff
from crmkit_work.handoffs.words import WAITING
from crmkit_work.tasks.people import queues_of

_ = texts("crmkit_work")

SHOWN = 100


@frozen(kw_only=True)
class Sides:
    """The hand-offs of whoever reads: those that wait for an answer of theirs, those that they have accepted, and those
    that they made and that are not over."""

    waiting: Sequence[Handoff]
    mine: Sequence[Handoff]
    made: Sequence[Handoff]


def sides_of(session: CrmSession) -> Sides:
    """Return the hand-offs of the session's actor, the most urgent first."""
    user_id = session.guarding.rights.user_id
    order = (Handoff.due_at, Handoff.id)
    waiting = select(Handoff).where(_waits(session))
    mine = select(Handoff).where(Handoff.state == "accepted", Handoff.owner_id == user_id)
    made = select(Handoff).where(Handoff.from_user_id == user_id, Handoff.state.in_((*WAITING, "accepted")))
    found = [session.scalars(each.order_by(*order).limit(SHOWN)).all() for each in (waiting, mine, made)]
    return Sides(waiting=found[0], mine=found[1], made=found[2])


def _waits(session: CrmSession) -> ColumnElement[bool]:
    """Return the condition that a hand-off waits for an answer of the session's actor."""
    rights = session.guarding.rights
    teams = sorted(rights.team_ids)
    nobody = and_(Handoff.owner_id.is_(None), or_(Handoff.team_id.in_(teams), Handoff.queue_id.in_(_queues(session))))
    return and_(Handoff.state.in_(WAITING), or_(Handoff.owner_id == rights.user_id, nobody))


def _queues(session: CrmSession) -> list[UUID]:
    rights = session.guarding.rights
    return queues_of(session, rights.user_id, rights.team_ids)


def waiting_count(session: CrmSession) -> int:
    """Return how many hand-offs wait for an answer of whoever reads."""
    if session.guarding.rights.user_id is None:
        return 0
    return session.scalar(select(func.count(Handoff.id)).where(_waits(session))) or 0


def titles_of(session: CrmSession, handoffs: Sequence[Handoff]) -> Mapping[UUID, str]:
    """Return the names of users, teams and queues that hand-offs name, by their ids."""
    ids = {each for one in handoffs for each in (one.from_user_id, one.owner_id, one.from_team_id, one.team_id)}
    found: dict[UUID, str] = {}
    for model in (User, Team):
        found |= {each.id: each.name for each in session.scalars(select(model).where(model.id.in_(ids - {None})))}
    queues = {one.queue_id for one in handoffs if one.queue_id is not None}
    found |= {each.id: each.title for each in session.scalars(select(Queue).where(Queue.id.in_(queues)))}
    return found


def rows(session: CrmSession, parameters: Period, moment: object) -> list[dict[str, object]]:
    """Return for each receiving side how it answered what was offered within the period."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    start, end = (
        datetime.combine(parameters.first, time(), tzinfo=zone),
        datetime.combine(parameters.last + timedelta(days=1), time(), tzinfo=zone),
    )
    found = session.scalars(select(Handoff).where(Handoff.offered_at >= start, Handoff.offered_at < end)).all()
    names = titles_of(session, found)
    sides: dict[UUID | None, list[Handoff]] = {}
    for each in found:
        sides.setdefault(each.team_id or each.queue_id or each.owner_id, []).append(each)
    return sorted(
        (_row(key, names.get(key, "–") if key is not None else "–", listed) for key, listed in sides.items()),
        key=lambda row: (str(row["side"]), str(row["key"])),
    )


def _row(key: UUID | None, side: str, listed: Sequence[Handoff]) -> dict[str, object]:
    waits = [each.waited_seconds for each in listed if each.accepted_at is not None and each.waited_seconds is not None]
    accepted = [each for each in listed if each.accepted_at is not None]
    in_time = [each for each in accepted if each.expired_at is None]
    return {
        "key": str(key),
        "side": side,
        "offered": len(listed),
        "accepted": len(accepted),
        "declined": sum(each.state == "declined" for each in listed),
        "late": sum(each.expired_at is not None for each in listed),
        "in_time": len(in_time) / len(accepted) if accepted else None,
        "median_hours": round(median(waits) / 3600, 2) if waits else None,
        "longest_hours": round(max(waits) / 3600, 2) if waits else None,
    }


REPORTS = [
    Report(
        name="work.handoffs",
        title=_("Hand-offs: time to acceptance"),
        rows=rows,
        parameters=Period,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="side", title=_("Receiving side")),
            Column(name="offered", title=_("Offered"), kind="integer"),
            Column(name="accepted", title=_("Accepted"), kind="integer"),
            Column(name="declined", title=_("Declined"), kind="integer"),
            Column(name="late", title=_("Not accepted in time"), kind="integer"),
            Column(name="in_time", title=_("Accepted in time"), kind="share"),
            Column(
                name="median_hours",
                title=_("Hours to acceptance (median)"),
                kind="number",
                doc=_("Working hours of the receiving side."),
            ),
            Column(name="longest_hours", title=_("Hours to acceptance (longest)"), kind="number"),
        ],
        charts=[Chart.bars("side", "median_hours")],
        temporal=False,
        doc=_("How long the receiving sides take to accept, in working time, and how often they decline."),
    )
]
