"""Reading the courses of customers through a funnel: their events, in order, streamed. Must not know reports."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, or_, select

from crmkit import CrmSession, Interaction, Moment, Period, customers_where, frame, query_of
from crmkit_analytics.funnels.steps import EXCLUDED, Course, Event, Funnel, Step, courses
from crmkit_analytics.stream.purchases import BATCH, counted, dialect_of
from crmkit_analytics.stream.words import bounds


def courses_of(session: CrmSession, funnel: Funnel, period: Period, moment: Moment) -> list[Course]:
    """Return the courses of all who entered a funnel in a period, as far as they had come by a moment.

    Customers are those whom the reader may see. Raises ExpressionError for a condition that cannot be used,
    UnknownFact for a fact that there is not.
    """
    first, last = bounds(session, period)
    window = timedelta(days=funnel.window_days)
    found = heapq.merge(
        _stream(session, funnel, first, last + window, moment),
        *(_of_fact(session, number, step, moment) for number, step in enumerate(funnel.steps) if step.fact),
        key=_order,
    )
    return list(courses(found, len(funnel.steps), window, first, last))


def _order(event: Event) -> tuple[int, datetime, int]:
    return event[0].int, event[1], event[2]


def _stream(session: CrmSession, funnel: Funnel, first: datetime, last: datetime, moment: Moment) -> Iterator[Event]:
    """Return the interactions that are steps; one that is several steps stands there once for each."""
    wanted = [(number, _matches(step)) for number, step in enumerate(funnel.steps) if not step.fact]
    if funnel.exclude:
        wanted.append((EXCLUDED, Interaction.kind == funnel.exclude))
    if not wanted:
        return
    query = query_of(moment, dialect_of(session))
    flags = [case((condition, 1), else_=0) for _number, condition in wanted]
    among = [Interaction.customer_id.in_(customers_where(session, funnel.where))] if funnel.where else []
    statement = (
        select(Interaction.customer_id, Interaction.occurred_at, *flags)
        .where(
            *counted(query),
            Interaction.occurred_at >= first,
            Interaction.occurred_at < last,
            or_(*(condition for _number, condition in wanted)),
            *among,
        )
        .order_by(Interaction.customer_id, Interaction.occurred_at, Interaction.id)
        .execution_options(yield_per=BATCH)
    )
    numbers = [number for number, _condition in wanted]
    for customer_id, at, *held in session.execute(statement):
        for number, flag in sorted(zip(numbers, held, strict=True)):
            if flag:
                yield customer_id, at, number


def _matches(step: Step) -> ColumnElement[bool]:
    said = {name: getattr(step, name) for name in ("channel", "outcome", "direction")}
    more = (getattr(Interaction, name) == value for name, value in said.items() if value)
    return and_(Interaction.kind == step.kind, *more)


def _of_fact(session: CrmSession, number: int, step: Step, moment: Moment) -> Iterator[Event]:
    for customer_id, at in frame(session, [step.fact], moment=moment).rows():
        instant = _instant(at, moment)
        if instant is not None and instant <= moment.as_of:
            yield _id(customer_id), instant, number


def _instant(value: Any, moment: Moment) -> datetime | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), ZoneInfo(moment.zone))
    return value if isinstance(value, datetime) else None


def _id(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
