"""The places in a queue and the turns that people had: read under the lock of the queue, and kept with the choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import field, frozen
from sqlalchemy import select

from crmkit import CrmSession, Team, TeamMember, User
from crmkit_work.assignment.models import Queue, QueueMember, QueueTurn
from crmkit_work.calendars.models import WorkingHours


@frozen(kw_only=True)
class Place:
    """Somebody's place in a queue: their weight there, and what replaces the limits that hold otherwise."""

    user_id: UUID
    weight: int = 1
    capacity: int | None = None
    limit: int | None = None
    order: int = field(default=0)


def places_of(session: CrmSession, queue: Queue) -> Sequence[Place]:
    """Return the places in a queue, by person: an own place comes before that as one of a team, and of two teams that
    with the greater weight counts."""
    rows = session.scalars(
        select(QueueMember).where(QueueMember.queue_id == queue.id).order_by(QueueMember.created_at, QueueMember.id)
    ).all()
    teams = {each.team_id: each for each in rows if each.team_id is not None}
    found: dict[UUID, Place] = {}
    if teams:
        query = (
            select(TeamMember.team_id, TeamMember.user_id)
            .join(Team, Team.id == TeamMember.team_id)
            .where(TeamMember.team_id.in_(list(teams)), Team.active)
            .order_by(TeamMember.user_id)
        )
        for team_id, user_id in session.execute(query):
            row = teams[team_id]
            if user_id not in found or row.weight > found[user_id].weight:
                found[user_id] = _place(user_id, row, queue, rows)
    for row in rows:
        if row.user_id is not None:
            found[row.user_id] = _place(row.user_id, row, queue, rows)
    return sorted(found.values(), key=lambda each: (each.order, each.user_id))


def _place(user_id: UUID, row: QueueMember, queue: Queue, rows: Sequence[QueueMember]) -> Place:
    limit = row.max_per_day if row.max_per_day is not None else queue.max_per_day
    return Place(user_id=user_id, weight=row.weight, capacity=row.capacity, limit=limit, order=rows.index(row))


def lock_queue(session: CrmSession, queue: Queue) -> None:
    """Wait until nobody else chooses out of the queue; on SQLite whoever writes is alone. Rows that refer to the queue
    can still be added."""
    session.execute(select(Queue.id).where(Queue.id == queue.id).with_for_update(key_share=True))


def lock_people(session: CrmSession, users: Iterable[UUID]) -> None:
    """Wait until nobody else gives work to any of some people, always in the same order."""
    query = select(User.id).where(User.id.in_(sorted(users))).order_by(User.id).with_for_update(key_share=True)
    session.execute(query).all()


def turns_of(session: CrmSession, queue: Queue) -> Mapping[UUID, QueueTurn]:
    """Return the turns that people had in a queue, as they are now."""
    query = select(QueueTurn).where(QueueTurn.queue_id == queue.id).execution_options(populate_existing=True)
    return {each.user_id: each for each in session.scalars(query)}


def day_of(session: CrmSession, queue: Queue, at: datetime) -> date:
    """Return the day on which an instant falls for a queue: in its calendar's zone, else the business's."""
    calendar = session.get(WorkingHours, queue.calendar_id) if queue.calendar_id is not None else None
    zone = calendar.zone if calendar is not None else session.crm.config.get(session).zone
    return at.astimezone(ZoneInfo(zone)).date()


def _turn(session: CrmSession, queue: Queue, user_id: UUID) -> QueueTurn:
    found = session.get(QueueTurn, (queue.id, user_id))
    if found is None:
        found = QueueTurn(queue_id=queue.id, user_id=user_id, current=0, served=0, turns=0, taken=0)
        session.add(found)
        session.flush()
    return found


def keep_currents(
    session: CrmSession, queue: Queue, turns: Mapping[UUID, QueueTurn], currents: Mapping[UUID, int]
) -> None:
    """Keep what smooth weighting has left over for each."""
    for user_id, current in currents.items():
        (turns.get(user_id) or _turn(session, queue, user_id)).current = current


def take_turn(session: CrmSession, queue: Queue, user_id: UUID, number: int, today: date) -> None:
    """Keep that somebody had a turn; ``number`` counts the turns of the queue."""
    turn = _turn(session, queue, user_id)
    turn.taken = turn.taken + 1 if turn.day == today else 1
    turn.day, turn.served, turn.turns = today, number, turn.turns + 1
