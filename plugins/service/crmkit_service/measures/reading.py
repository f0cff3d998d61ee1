"""The stories of cases out of their log, as the reader may see them, and by what they are told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from crmkit_work.api import Queue, WorkingCalendar, calendar_for, working_calendar
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Moment, Period, Product, Team, User, frame, texts
from crmkit_service.cases.models import Case, CaseEvent, CaseType
from crmkit_service.cases.words import CHANNELS, PRIORITIES, UNFINISHED
from crmkit_service.measures.stories import Happened, Story, story

_ = texts("crmkit_service")

KINDS = (
    "opened",
    "customer_message",
    "unanswered",
    "unmerged",
    "agent_message",
    "state",
    "owner",
    "team",
    "queue",
    "priority",
    "rated",
)
"""What of the log measures are made of."""
By = Literal["all", "team", "owner", "queue", "type", "channel", "priority", "intent", "product", "label"]
BY: Mapping[str, str] = {
    "all": _("Nothing"),
    "team": _("Team"),
    "owner": _("Person"),
    "queue": _("Queue"),
    "type": _("Type"),
    "channel": _("Channel"),
    "priority": _("Priority"),
    "intent": _("Intent"),
    "product": _("Product"),
    "label": _("Label of the customer"),
}
"""By what measures can be told apart, with titles."""
NOTHING: Mapping[str, str] = {
    "team": _("No team"),
    "owner": _("Nobody"),
    "queue": _("No queue"),
    "intent": _("No intent"),
    "product": _("No product"),
    "label": _("No label"),
}
NONE = "-"
"""The key of what has no value in what it is told apart by."""
ALL = "all"


@frozen(kw_only=True)
class Told:
    """A case with its story, and what it is now: its customer, type, channel, intent and product."""

    id: UUID
    number: int
    customer_id: UUID
    type_id: UUID
    channel: str
    intent: str | None
    product_id: UUID | None
    priority: str
    story: Story


def span(session: CrmSession, period: Period) -> tuple[datetime, datetime]:
    """Return the instants between which the days of a period lie in the company's zone; the second is not of it."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    begin = datetime.combine(period.first, time(), zone).astimezone(UTC)
    return begin, datetime.combine(period.last + timedelta(days=1), time(), zone).astimezone(UTC)


def told_between(
    session: CrmSession, first: datetime, last: datetime, as_of: datetime, known_at: datetime
) -> Iterator[Told]:
    """Give the cases that a span of time has to do with: opened, answered, solved or rated in it, or open at its end;
    each as it stood at ``as_of`` by what was recorded until ``known_at``."""
    rating = aliased(CaseEvent)
    rated = (
        select(rating.id)
        .where(rating.case_id == Case.id, rating.kind == "rated", rating.at >= first, rating.at < last)
        .exists()
    )
    # A case that was over before the span began, and was not moved since, has nothing to do with it.
    concerned = and_(Case.opened_at < last, or_(Case.state.in_(UNFINISHED), Case.state_since >= first, rated))
    query = (
        select(
            Case.id,
            Case.number,
            Case.customer_id,
            Case.type_id,
            Case.channel,
            Case.intent,
            Case.product_id,
            Case.priority,
            CaseEvent.at,
            CaseEvent.kind,
            CaseEvent.before,
            CaseEvent.after,
            CaseEvent.user_id,
        )
        .join(CaseEvent, CaseEvent.case_id == Case.id)
        .where(concerned, CaseEvent.kind.in_(KINDS), CaseEvent.at <= as_of, CaseEvent.recorded_at <= known_at)
        .order_by(Case.id, CaseEvent.at, CaseEvent.id)
        .execution_options(yield_per=5000)
    )
    for _case_id, rows in groupby(session.execute(query), key=lambda row: row.id):
        lines = list(rows)
        found = story(
            (
                Happened(
                    at=row.at,
                    kind=row.kind,
                    before=row.before,
                    after=row.after,
                    actor=str(row.user_id) if row.user_id is not None else "",
                )
                for row in lines
            ),
            as_of,
        )
        if found is not None:
            head = lines[0]
            first_change = next((row.before for row in lines if row.kind == "priority"), head.priority)
            yield Told(
                id=head.id,
                number=head.number,
                customer_id=head.customer_id,
                type_id=head.type_id,
                channel=head.channel,
                intent=head.intent,
                product_id=head.product_id,
                priority=found.priority or first_change,
                story=found,
            )


def key_of(by: str, labels: Mapping[UUID, str]) -> Callable[[Told], str]:
    """Return what gives the key of a case in what measures are told apart by."""

    def key(told: Told) -> str:
        found: Any = {
            "team": told.story.team,
            "owner": told.story.owner,
            "queue": told.story.queue,
            "type": told.type_id,
            "channel": told.channel,
            "priority": told.priority,
            "intent": told.intent,
            "product": told.product_id,
            "label": labels.get(told.customer_id),
            "all": ALL,
        }[by]
        return str(found) if found else NONE

    return key


def labels_of(session: CrmSession, dimension: str, moment: Moment) -> dict[UUID, str]:
    """Return the label of each customer in a dimension at a moment, by its name. Raises UnknownFact for a dimension
    that there is not."""
    return {row[0]: str(row[1]) for row in frame(session, [f"label.{dimension}"], moment=moment).rows() if row[1]}


def titles_of(session: CrmSession, by: str, keys: Iterable[str]) -> dict[str, str]:
    """Return what the keys of measures are called."""
    wanted = [each for each in keys if each != NONE]
    models: Mapping[str, Any] = {"team": Team, "owner": User, "queue": Queue, "type": CaseType, "product": Product}
    known: dict[str, str] = {}
    if by in models:
        model = models[by]
        ids = [UUID(each) for each in wanted]
        rows = session.scalars(select(model).where(model.id.in_(ids))) if ids else ()
        known = {str(each.id): getattr(each, "title", None) or each.name for each in rows}
    elif by == "channel":
        known = dict(CHANNELS)
    elif by == "priority":
        known = dict(PRIORITIES)
    elif by == "all":
        known = {ALL: _("All cases")}
    return {**{each: known.get(each, each) for each in wanted}, NONE: NOTHING.get(by, NONE)}


class Working:
    """Working time by the calendars of teams; where none is laid down, every second counts."""

    def __init__(self, session: CrmSession) -> None:
        self._session = session
        self._known: dict[str, WorkingCalendar | None] = {}

    def of(self, team: str) -> Callable[[datetime, datetime], float]:
        """Return what counts working time for a team, in seconds."""
        if team not in self._known:
            hours = calendar_for(self._session, team_id=UUID(team) if team else None)
            self._known[team] = working_calendar(self._session, hours) if hours is not None else None
        calendar = self._known[team]
        if calendar is None:
            return lambda since, until: max((until - since).total_seconds(), 0.0)
        return lambda since, until: calendar.diff(since, until).total_seconds()
