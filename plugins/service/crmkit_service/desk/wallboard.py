"""The wallboard: how things stand now, large enough to be read from across a room. Must not change anything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from crmkit_work.api import Queue, is_available
from sqlalchemy import case as either, func, or_, select

from crmkit import CrmSession, texts
from crmkit_service.cases.models import Case, CaseEvent
from crmkit_service.desk.showing import queue_titles, rows_of, span, user_names
from crmkit_service.desk.views import SOON

_ = texts("crmkit_service")

AGENTS = 24
URGENT = 8
NO_QUEUE = _("No queue")


@frozen(kw_only=True)
class QueueLine:
    """How a queue stands: open cases, those of nobody, late ones, and since when the longest has waited."""

    title: str
    open: int
    nobodys: int
    late: int
    oldest: datetime | None
    waits: str
    values: Mapping[str, Any]


@frozen(kw_only=True)
class AgentLine:
    """How somebody stands: whether they are there, how many cases they have open, and how many of these are late."""

    name: str
    present: bool
    reason: str
    open: int
    late: int
    answered: int


def wallboard(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the figures of now and of today, as far as the reader sees the cases."""
    now = session.gate.clock.business_now()
    today = _midnight(session, now)
    standing = _standing(session, now)
    queues, people = _summed(standing, "queue_id"), _summed(standing, "owner_id")
    whole = _sum(standing)
    nobodys = _sum([each for each in standing if each["owner_id"] is None])
    over = Case.state.in_(("resolved", "closed")), Case.state_since >= today, Case.resolved_at >= today
    count = select(func.count()).select_from(Case)
    return {
        "open": whole["open"],
        "nobodys": nobodys["open"],
        "late": whole["late"],
        "soon": whole["soon"],
        "waiting": session.scalar(count.where(Case.phase == "paused")) or 0,
        "came": session.scalar(count.where(Case.opened_at >= today)) or 0,
        "resolved": session.scalar(count.where(*over)) or 0,
        "queues": _queues(session, now, standing, queues),
        "agents": _agents(session, today, people),
        "urgent": rows_of(session, _urgent(session)),
        "now": now,
        "full": query.get("full") == "1",
    }


def waiting_badge(session: CrmSession) -> int:
    """Return how many open cases whoever looks has whose customer wrote last."""
    own = session.guarding.rights.user_id
    unread = or_(Case.last_out_at.is_(None), Case.last_out_at < Case.last_in_at)
    query = select(func.count()).select_from(Case).where(Case.owner_id == own, Case.phase == "open", unread)
    return session.scalar(query) or 0 if own is not None else 0


def _midnight(session: CrmSession, now: datetime) -> datetime:
    """Return when the day began in the company's zone."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _urgent(session: CrmSession) -> list[Case]:
    query = select(Case).where(Case.phase == "open", Case.due_at.is_not(None)).order_by(Case.due_at, Case.id)
    return list(session.scalars(query.limit(URGENT)))


def _standing(session: CrmSession, now: datetime) -> list[dict[str, Any]]:
    """Return how open cases stand, by queue and owner: read once, and summed up from then on."""
    unread = or_(Case.last_out_at.is_(None), Case.last_out_at < Case.last_in_at)
    query = (
        select(
            Case.queue_id,
            Case.owner_id,
            func.count().label("open"),
            func.count().filter(Case.due_at <= now).label("late"),
            func.count().filter(Case.due_at > now, Case.due_at <= now + SOON).label("soon"),
            func.min(either((unread, Case.last_in_at))).label("oldest"),
        )
        .where(Case.phase == "open")
        .group_by(Case.queue_id, Case.owner_id)
    )
    return [dict(row) for row in session.execute(query).mappings()]


def _summed(rows: Sequence[Mapping[str, Any]], by: str) -> dict[UUID | None, dict[str, Any]]:
    parts: dict[UUID | None, list[Mapping[str, Any]]] = defaultdict(list)
    for each in rows:
        parts[each[by]].append(each)
    return {known: _sum(part) for known, part in parts.items()}


def _sum(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    oldest = [each["oldest"] for each in rows if each["oldest"] is not None]
    return {name: sum(each[name] for each in rows) for name in ("open", "late", "soon")} | {
        "oldest": min(oldest, default=None)
    }


def _queues(
    session: CrmSession,
    now: datetime,
    standing: Sequence[Mapping[str, Any]],
    queues: Mapping[UUID | None, Mapping[str, Any]],
) -> list[QueueLine]:
    nobodys = _summed([each for each in standing if each["owner_id"] is None], "queue_id")
    titles: dict[UUID | None, str] = {**queue_titles(session, set(queues))}
    titles.update({each.id: each.title for each in session.scalars(select(Queue).where(Queue.active))})
    ordered = sorted(titles, key=lambda known: titles[known])
    return [
        _queue(titles.get(known, NO_QUEUE), now, queues.get(known, _sum([])), nobodys.get(known, _sum([])))
        for known in (*ordered, *([None] if None in queues else []))
    ]


def _queue(title: str, now: datetime, whole: Mapping[str, Any], nobodys: Mapping[str, Any]) -> QueueLine:
    oldest = whole["oldest"]
    waits, values = span(now - oldest) if oldest is not None else ("", {})
    return QueueLine(
        title=title,
        open=whole["open"],
        nobodys=nobodys["open"],
        late=whole["late"],
        oldest=oldest,
        waits=waits,
        values=values,
    )


def _agents(session: CrmSession, today: datetime, people: Mapping[UUID | None, Mapping[str, Any]]) -> list[AgentLine]:
    said = (
        select(CaseEvent.user_id, func.count().label("answers"))
        .where(CaseEvent.kind == "agent_message", CaseEvent.at >= today, CaseEvent.user_id.is_not(None))
        .group_by(CaseEvent.user_id)
    )
    answers = {row.user_id: row.answers for row in session.execute(said)}
    busiest = sorted(people, key=lambda known: -people[known]["open"])[:AGENTS]
    names = user_names(session, {*busiest, *list(answers)[:AGENTS]})
    found = []
    for known, name in sorted(names.items(), key=lambda pair: pair[1]):
        there, own = is_available(session, known), people.get(known, _sum([]))
        found.append(
            AgentLine(
                name=name,
                present=there.present,
                reason=there.reason,
                open=own["open"],
                late=own["late"],
                answered=answers.get(known, 0),
            )
        )
    return found
