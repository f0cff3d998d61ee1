"""What ``crmkit doctor`` looks at: queues that nobody gets work of, calendars and territories that do not hold, work of
people who are gone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from crmkit import Check, CrmSession, Finding, InvalidInput, User, texts
from crmkit_work.assignment.models import OpenWork, Person, Queue, Territory
from crmkit_work.assignment.standing import standings
from crmkit_work.assignment.territories import check_condition
from crmkit_work.assignment.turns import places_of
from crmkit_work.calendars.models import TeamCalendar, WorkingHours

_ = texts("crmkit_work")


def queues_have_people(session: CrmSession) -> Sequence[Finding]:
    """Find active queues whose work nobody can get, with nothing to fall back on."""
    found: list[Finding] = []
    now = session.gate.clock.business_now()
    for queue in session.scalars(select(Queue).where(Queue.active).order_by(Queue.name)):
        users = [each.user_id for each in places_of(session, queue)]
        if any(each.active for each in standings(session, users, now).values()):
            continue
        falls_back = queue.fallback_queue_id is not None or queue.fallback_team_id is not None
        found.append(
            Finding(
                level="info" if falls_back else "warning",
                code="work.queue_without_people",
                message=_('The queue "{name}" has no active member.'),
                hint=_("crmkit work queue add {name} PERSON adds one."),
                values={"name": queue.name},
            )
        )
    return found


def hours_are_known(session: CrmSession) -> Sequence[Finding]:
    """Find queues that give out work in working hours while no calendar says when those are."""
    usual = session.scalar(select(WorkingHours.id).where(WorkingHours.usual).limit(1))
    teams = session.scalar(select(TeamCalendar.id).limit(1))
    own = session.scalar(select(Person.id).where(Person.calendar_id.is_not(None)).limit(1))
    if usual is not None or teams is not None or own is not None:
        return []
    query = select(Queue.name).where(Queue.active, Queue.in_hours, Queue.calendar_id.is_(None)).order_by(Queue.name)
    return [
        Finding(
            level="info",
            code="work.calendar_missing",
            message=_('The queue "{name}" gives out work in working hours, and no calendar says when those are.'),
            hint=_("crmkit work calendar new makes one; --usual lets it hold for everybody."),
            values={"name": name},
        )
        for name in session.scalars(query)
    ]


def territories_hold(session: CrmSession) -> Sequence[Finding]:
    """Find territories whose condition can no longer be used, and those that lead nowhere."""
    found: list[Finding] = []
    for each in session.scalars(select(Territory).where(Territory.active).order_by(Territory.position, Territory.name)):
        try:
            check_condition(session, each.condition)
        except InvalidInput as error:
            found.append(
                Finding(
                    level="error",
                    code="work.territory_broken",
                    message=_('The condition of the territory "{name}" can no longer be used: {reason}'),
                    hint=_("Until it is mended it holds for nobody."),
                    values={"name": each.name, "reason": error.problems[0].message},
                )
            )
            continue
        parts = session.scalar(select(Territory.id).where(Territory.parent_id == each.id, Territory.active).limit(1))
        if each.queue_id is None and each.owner_id is None and parts is None:
            found.append(
                Finding(
                    level="warning",
                    code="work.territory_empty",
                    message=_('The territory "{name}" has neither a queue nor a person.'),
                    hint=_("Its customers' work finds nobody."),
                    values={"name": each.name},
                )
            )
    return found


def nobody_gone_has_work(session: CrmSession) -> Sequence[Finding]:
    """Find open work of people who are no longer active."""
    query = (
        select(User.login, func.count())
        .join(OpenWork, OpenWork.user_id == User.id)
        .where(User.active.is_(False))
        .group_by(User.login)
        .order_by(User.login)
    )
    return [
        Finding(
            level="warning",
            code="work.left_behind",
            message=_("{login} is no longer active and still has open work: {count}."),
            hint=_("crmkit work queue rebalance gives it to others."),
            values={"login": login, "count": count},
        )
        for login, count in session.execute(query)
    ]


CHECKS = [
    Check(name="work.queues", title=_("Queues have people"), run=queues_have_people),
    Check(name="work.hours", title=_("Working hours are known"), run=hours_are_known),
    Check(name="work.territories", title=_("Territories hold"), run=territories_hold),
    Check(name="work.left_behind", title=_("Nobody who is gone has work"), run=nobody_gone_has_work),
]
