"""How well the loop is closed: the feedback of a period on its way, and figures that add up.

Must not know how they are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import field, frozen
from sqlalchemy import func, select

from crmkit import CrmSession, texts
from crmkit.engines.statistics.distributions import Estimate
from crmkit.engines.statistics.intervals import median_interval, wilson
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.items.repeating import repeats
from crmkit_feedback.items.words import OPEN

_ = texts("crmkit_feedback")

CHUNK = 500
STAGES = {
    "received": _("Feedback"),
    "bad": _("Bad"),
    "opened": _("To be seen to"),
    "contacted": _("Customer contacted"),
    "resolved": _("Resolved"),
    "verified": _("Verified by the customer"),
    "recovered": _("Recovered: a better score later"),
}
"""The stages of the funnel; each is a part of the one before it."""


@frozen(kw_only=True)
class Stage:
    """A stage of the funnel: how many came to it (``count``) of those ``before``; the others wait (``waiting``), or
    went another way (``otherwise``). ``before`` is the sum of the three."""

    name: str
    count: int
    before: int
    waiting: int
    otherwise: int


@frozen(kw_only=True)
class Item:
    """What of one piece of feedback in the loop counts."""

    id: UUID
    customer_id: UUID | None
    band: str | None
    metric: str | None
    state: str
    received_at: datetime
    due_at: datetime | None
    contacted_at: datetime | None
    resolved_at: datetime | None
    verified_at: datetime | None
    reopened: int

    @property
    def resolved(self) -> bool:
        """Say whether it is resolved, and was not opened again since."""
        return self.state not in OPEN and self.resolved_at is not None


@frozen(kw_only=True)
class Cohort:
    """The feedback that came in within a span: how much of which band, and what of it is in the loop. ``later`` is the
    band of the next score of the same measure after a solution, by the id of the feedback."""

    bands: Mapping[str | None, int]
    items: Sequence[Item]
    later: Mapping[UUID, str] = field(factory=dict[UUID, str])
    repeated: Collection[UUID] = ()
    themed: Collection[UUID] = ()

    @property
    def total(self) -> int:
        """Return how much feedback came in."""
        return sum(self.bands.values())


def span(session: CrmSession, first: date, last: date) -> tuple[datetime, datetime]:
    """Return the instants between which days lie in the company's zone; the second is not of it."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    begin = datetime.combine(first, time(), zone).astimezone(UTC)
    return begin, datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)


def cohort_of(
    session: CrmSession, begin: datetime, end: datetime, source: str = "", *, now: datetime | None = None
) -> Cohort:
    """Return the feedback that the reader sees of those that came in within a half-open span, of one source or all, as
    far as ``now`` (the present by default) can tell what came again."""
    within = [Feedback.received_at >= begin, Feedback.received_at < end]
    if source:
        within.append(Feedback.source == source)
    bands = session.execute(select(Feedback.band, func.count(Feedback.id)).where(*within).group_by(Feedback.band))
    counted = {band: int(count) for band, count in bands}
    query = select(
        Feedback.id,
        Feedback.customer_id,
        Feedback.band,
        Feedback.metric,
        Feedback.state,
        Feedback.received_at,
        Feedback.due_at,
        Feedback.contacted_at,
        Feedback.resolved_at,
        Feedback.verified_at,
        Feedback.reopened,
    ).where(*within, Feedback.loop.is_(True))
    items = [Item(**each) for each in session.execute(query.order_by(Feedback.number)).mappings()]
    solved = [each for each in items if each.resolved and each.customer_id is not None]
    after = list(_after(session, solved))
    later: dict[UUID, str] = {}
    for item, rows in after:
        found = [row for row in rows if row.metric == item.metric and row.metric is not None]
        if found:
            later[item.id] = str(found[0].band)
    ids = {each.id for each in solved}
    themed, repeated = set[UUID](), set[UUID]()
    for each in repeats(session, begin, end, now=now, source=source):
        if each.feedback_id in ids:
            themed.add(each.feedback_id)
            repeated |= {each.feedback_id} if each.again else set()
    return Cohort(bands=counted, items=items, later=later, repeated=repeated, themed=themed)


def funnel(cohort: Cohort) -> list[Stage]:
    """Return the stages of the way from feedback to a customer who was won back; every stage is a part of the one
    before, and who is not in it waits or went another way."""
    bad = [each for each in cohort.items if each.band == "bad"]
    bads, unscored = cohort.bands.get("bad", 0), cohort.bands.get(None, 0)
    stages = [
        Stage(name="received", count=cohort.total, before=cohort.total, waiting=0, otherwise=0),
        Stage(name="bad", count=bads, before=cohort.total, waiting=unscored, otherwise=cohort.total - bads - unscored),
        Stage(name="opened", count=len(bad), before=bads, waiting=0, otherwise=bads - len(bad)),
    ]
    here = bad
    for name, reached, waits in (
        ("contacted", lambda each: each.contacted_at is not None, lambda each: each.state in OPEN),
        ("resolved", lambda each: each.resolved, lambda each: each.state in OPEN),
        ("verified", lambda each: each.verified_at is not None, lambda each: each.state == "resolved"),
        ("recovered", lambda each: cohort.later.get(each.id, "bad") != "bad", lambda each: each.id not in cohort.later),
    ):
        there = [each for each in here if reached(each)]
        left = [each for each in here if not reached(each)]
        waiting = sum(waits(each) for each in left)
        stages.append(
            Stage(name=name, count=len(there), before=len(here), waiting=waiting, otherwise=len(left) - waiting)
        )
        here = there
    return stages


def figures(session: CrmSession, cohort: Cohort, now: datetime) -> dict[str, Estimate]:
    """Return the figures of the loop with intervals (Wilson for shares of 0 to 1, order statistics for the median in
    hours): ``closed``, ``in_time``, ``hours``, ``verified``, ``reopened``, ``recovered``, ``repeated``."""
    items = cohort.items
    settled = [each for each in items if each.due_at is not None and (_first(each) is not None or each.due_at < now)]
    resolved = [each for each in items if each.resolved]
    again = [band for item in items if (band := cohort.later.get(item.id)) is not None]
    waited = [(each.contacted_at - each.received_at).total_seconds() / 3600 for each in items if each.contacted_at]
    return {
        "closed": _share([each.state not in OPEN for each in items]),
        "in_time": _share([_in_time(each) for each in settled]),
        "hours": median_interval(waited),
        "verified": _share([each.verified_at is not None for each in resolved]),
        "reopened": _share([each.reopened > 0 for each in items]),
        "recovered": _share([band != "bad" for band in again]),
        "repeated": _share([each in cohort.repeated for each in cohort.themed]),
    }


def _share(said: Sequence[bool]) -> Estimate:
    return wilson(sum(said), len(said))


def _first(item: Item) -> datetime | None:
    """Return when somebody first did what the deadline is about: a contact, or a solution without one."""
    return item.contacted_at or (item.resolved_at if item.state not in OPEN else None)


def _in_time(item: Item) -> bool:
    first = _first(item)
    return first is not None and item.due_at is not None and first <= item.due_at


def _after(session: CrmSession, items: Sequence[Item]) -> Iterator[tuple[Item, list[Any]]]:
    """Give each solved item with the scores that its customer gave afterwards, the first first."""
    for start in range(0, len(items), CHUNK):
        batch = items[start : start + CHUNK]
        query = select(Feedback.id, Feedback.customer_id, Feedback.metric, Feedback.band, Feedback.received_at).where(
            Feedback.customer_id.in_({each.customer_id for each in batch}), Feedback.band.is_not(None)
        )
        rows: dict[UUID | None, list[Any]] = defaultdict(list)
        for row in session.execute(query.order_by(Feedback.received_at, Feedback.id)):
            rows[row.customer_id].append(row)
        for each in batch:
            solved = each.resolved_at
            yield (
                each,
                [
                    row
                    for row in rows[each.customer_id]
                    if row.id != each.id and solved is not None and row.received_at > solved
                ],
            )
