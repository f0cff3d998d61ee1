"""Decides where people are told besides in the pages, and when: by what each has chosen, quietly outside working hours.

A job in the transaction of which every delivery is written exactly once. Must not talk to any carrier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from sqlalchemy import or_, select

from crmkit import CrmSession, Input, Refused, User, operation, texts
from crmkit_work.notices.hours import calendar_of, next_daily, next_working, person_of, zone_of_user
from crmkit_work.notices.kinds import EVERYTHING, PAGES, USUAL
from crmkit_work.notices.models import Notice, NoticeChoice, NoticeDelivery, NoticeItem

_ = texts("crmkit_work")

DELIVER = "work.deliver_notice"
KEPT = timedelta(days=90)
"""How long a notice is kept after it was read."""
KEPT_UNREAD = timedelta(days=365)
OVERDUE = timedelta(minutes=15)
"""After which a delivery that waits is put into the queue again."""

Choices = Mapping[tuple[str, str], str]


def route(session: CrmSession, notice_ids: Sequence[str]) -> None:
    """Write the deliveries of notices: the job."""
    session.run("work.notice.route", {"notice_ids": list(notice_ids)})


@operation("work.notice.route", title=_("Decide where people are told"), permission="work.notice.create", hidden=True)
def route_notices(
    session: CrmSession,
    *,
    notice_ids: Annotated[tuple[UUID, ...], Input(title=_("Notices"), max_length=1000, classified="internal")],
) -> None:
    """Decide for each notice by which channels it leaves, and when. Raises Refused outside system scope."""
    only_system(session)
    now = session.gate.clock.now()
    found = session.scalars(select(Notice).where(Notice.id.in_(notice_ids)).order_by(Notice.user_id, Notice.id)).all()
    known = set(session.scalars(select(NoticeItem.notice_id).where(NoticeItem.notice_id.in_(notice_ids))))
    by_person: dict[UUID, list[Notice]] = {}
    for notice in found:
        if notice.id not in known:
            by_person.setdefault(notice.user_id, []).append(notice)
    for user_id, notices in by_person.items():
        _route_to(session, user_id, notices, now)


def _route_to(session: CrmSession, user_id: UUID, notices: Sequence[Notice], now: datetime) -> None:
    choices = choices_of(session, user_id)
    # One at a time for each person: two would begin two messages of the same day.
    query = select(User.active).where(User.id == user_id).with_for_update(key_share=True)
    active = session.scalar(query)
    for notice in notices:
        for channel in sorted({channel for _kind, channel in choices} | {PAGES}):
            wanted = wanted_on(choices, notice.kind, channel)
            if channel == PAGES:
                notice.hidden = wanted == "never"
            elif active and wanted != "never":
                _deliver(session, notice, channel, wanted, now)


def choices_of(session: CrmSession, user_id: UUID) -> dict[tuple[str, str], str]:
    """Return what a user has chosen, by kind and channel."""
    query = select(NoticeChoice.kind, NoticeChoice.channel, NoticeChoice.wanted)
    return {
        (kind, channel): wanted
        for kind, channel, wanted in session.execute(query.where(NoticeChoice.user_id == user_id))
    }


def wanted_on(choices: Choices, kind: str, channel: str) -> str:
    """Return when somebody wants to be told of a kind on a channel: what was chosen for the kind, else for everything,
    else what is usual."""
    found = choices.get((kind, channel)) or choices.get((EVERYTHING, channel))
    return found or USUAL.get(channel, "never")


def _deliver(session: CrmSession, notice: Notice, channel: str, wanted: str, now: datetime) -> None:
    daily_at, quiet = person_of(session, notice.user_id)
    if wanted == "daily" and not notice.urgent:
        calendar = calendar_of(session, notice.user_id) if quiet else None
        _gather(session, notice, channel, next_daily(daily_at, zone_of_user(session, notice.user_id), calendar, now))
        return
    due = now
    if quiet and not notice.urgent:
        due = next_working(calendar_of(session, notice.user_id), now)
    delivery = NoticeDelivery(user_id=notice.user_id, channel=channel, due_at=due)
    session.add(delivery)
    session.flush()
    session.add(NoticeItem(delivery_id=delivery.id, notice_id=notice.id))
    queue(session, delivery)


def _gather(session: CrmSession, notice: Notice, channel: str, due: datetime) -> None:
    """Put a notice into the delivery of the day that waits, or begin one."""
    delivery = session.scalar(
        select(NoticeDelivery).where(
            NoticeDelivery.user_id == notice.user_id,
            NoticeDelivery.channel == channel,
            NoticeDelivery.daily,
            NoticeDelivery.state == "waiting",
            NoticeDelivery.attempts == 0,
        )
    )
    if delivery is None:
        delivery = NoticeDelivery(user_id=notice.user_id, channel=channel, daily=True, due_at=due)
        session.add(delivery)
        session.flush()
        queue(session, delivery)
    else:
        # Whoever is about to send it finds another version, and reads it anew.
        delivery.updated_at = session.gate.clock.now()
    session.add(NoticeItem(delivery_id=delivery.id, notice_id=notice.id))


def queue(session: CrmSession, delivery: NoticeDelivery) -> None:
    """Put the job of a delivery into the queue, once for each attempt."""
    key = f"{DELIVER}:{delivery.id}:{delivery.attempts}:{delivery.due_at.isoformat()}"
    session.defer(DELIVER, run_at=delivery.due_at, unique=key, delivery_id=str(delivery.id))


# --- keeping the house ------------------------------------------------------------------------------------------------


def sweep(session: CrmSession, tick: datetime) -> None:
    """Settle deliveries that stand still and forget what is old: the job."""
    session.run("work.notice.sweep")


@operation("work.notice.sweep", title=_("Look after notices"), permission="work.notice.create", hidden=True)
def sweep_notices(session: CrmSession) -> None:
    """Settle deliveries that stand still, and delete notices that were read long ago. Raises Refused outside system
    scope."""
    only_system(session)
    now = session.gate.clock.now()
    late = select(NoticeDelivery).where(
        or_(
            (NoticeDelivery.state == "waiting") & (NoticeDelivery.due_at < now - OVERDUE),
            (NoticeDelivery.state == "sending") & (NoticeDelivery.started_at < now - OVERDUE),
        )
    )
    for delivery in session.scalars(late.limit(1000)).all():
        if delivery.state == "waiting":
            queue(session, delivery)
        else:
            delivery.state, delivery.ended_at, delivery.attempt = "uncertain", now, None
    old = select(Notice).where(or_(Notice.read_at < now - KEPT, Notice.created_at < now - KEPT_UNREAD))
    for notice in session.scalars(old.order_by(Notice.created_at).limit(1000)).all():
        session.delete(notice)
    empty = select(NoticeDelivery).where(NoticeDelivery.ended_at < now - KEPT)
    for delivery in session.scalars(empty.limit(1000)).all():
        session.delete(delivery)


def only_system(session: CrmSession) -> None:
    """Raise Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


OPERATIONS = [route_notices, sweep_notices]
