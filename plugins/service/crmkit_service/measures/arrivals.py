"""What really comes in, by half hours of the week, and how long it takes: what staffing is reckoned from."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

from attrs import field, frozen
from sqlalchemy import select

from crmkit import CrmSession, texts
from crmkit_service.cases.models import Case, CaseEvent
from crmkit_service.channels.models import Handling
from crmkit_service.measures.costs import Rates
from crmkit_service.measures.staffing import Demand, Goal, Interval, plan

_ = texts("crmkit_service")

HALF = 1800
"""Seconds of half an hour."""
A_DAY = 48
"""Half hours of a day."""
FEWEST = 5
"""Fewer notes of time than these say nothing; the usual time counts then."""


@frozen(kw_only=True)
class Arrivals:
    """What came in over some whole weeks: contacts on average by half hour of the week (0 is Monday at midnight in the
    company's zone), seconds that one takes, and from how many notes of time that was learnt (0: it is the usual one).
    """

    since: date
    until: date
    weeks: int
    channel: str
    contacts: tuple[float, ...] = field(repr=False)
    total: int
    handling: float
    notes: int


@frozen(kw_only=True)
class Plan:
    """How many people each half hour takes, where anything comes in, and what that comes to in a week.

    ``hours`` are hours of people at work in a week, ``rostered_hours`` those on the roster.
    """

    arrivals: Arrivals
    goal: Goal
    shrinkage: float
    intervals: tuple[Interval, ...]

    @property
    def hours(self) -> float:
        """Return the hours of people who are there in a week."""
        return sum(each.staffing.agents for each in self.intervals) / 2

    @property
    def rostered_hours(self) -> float:
        """Return the hours of people on the roster in a week."""
        return sum(each.rostered for each in self.intervals) / 2

    @property
    def peak(self) -> Interval | None:
        """Return the half hour that takes most people, the earliest of several."""
        return max(self.intervals, key=lambda each: (each.staffing.agents, -each.start), default=None)


def arrivals_of(session: CrmSession, *, weeks: int = 4, channel: str = "") -> Arrivals:
    """Return what came in over the last whole weeks before today, by one channel or by all, of cases that the reader
    sees."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    until = session.today()
    since = until - timedelta(days=7 * weeks)
    first, last = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (since, until))
    query = (
        select(CaseEvent.at)
        .join(Case, Case.id == CaseEvent.case_id)
        .where(
            CaseEvent.kind == "customer_message",
            CaseEvent.at >= first,
            CaseEvent.at < last,
            Case.state.not_in(("spam",)),
        )
    )
    if channel:
        query = query.where(CaseEvent.after == channel)
    counted: Counter[int] = Counter()
    for at in session.scalars(query):
        local = at.astimezone(zone)
        counted[local.weekday() * A_DAY + local.hour * 2 + local.minute // 30] += 1
    noted = select(Handling.seconds).where(Handling.at >= first, Handling.at < last)
    if channel:
        noted = noted.where(Handling.channel == channel)
    seconds = session.scalars(noted).all()
    learnt = len(seconds) >= FEWEST
    usual = Rates(session).at(last)[1]
    return Arrivals(
        since=since,
        until=until - timedelta(days=1),
        weeks=weeks,
        channel=channel,
        contacts=tuple(counted[place] / weeks for place in range(7 * A_DAY)),
        total=sum(counted.values()),
        handling=fmean(seconds) if learnt else float(usual),
        notes=len(seconds) if learnt else 0,
    )


def plan_for(arrivals: Arrivals, goal: Goal, *, shrinkage: float = 0.3, handling: float | None = None) -> Plan:
    """Return how many people each half hour takes. ``handling`` (seconds) stands in place of what was learnt. Raises as
    `crmkit_service.measures.staffing.plan`."""
    takes = handling or arrivals.handling
    demands = [
        (place * HALF, Demand(contacts=contacts, seconds=HALF, handling=takes))
        for place, contacts in enumerate(arrivals.contacts)
        if contacts
    ]
    return Plan(arrivals=arrivals, goal=goal, shrinkage=shrinkage, intervals=plan(demands, goal, shrinkage))
