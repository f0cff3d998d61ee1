"""What became of each need and when, as of any moment, from its history. Must not know who needs what.

A need that was merged is none of its own: it counts through the one in which it goes on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from statistics import median, quantiles
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import field, frozen
from sqlalchemy import select

from crmkit import CrmSession, Moment, texts
from crmkit_needs.catalogue.models import Need, NeedEvent, ProductArea
from crmkit_needs.catalogue.words import COMPLEXITIES, KINDS, OPEN, STATES, URGENCIES

_ = texts("crmkit_needs")

DAY = 86_400
DECIDED = ("accepted", "planned", "in_progress", "delivered", "declined")
"""States that only a decision leads to."""
STEPS = ("opened", "state", "merged", "unmerged")
"""What of a history changes the state."""
NONE = "-"
"""The key of needs that have no value."""
BY: Mapping[str, str] = {
    "state": _("State"),
    "kind": _("Kind"),
    "area": _("Product area"),
    "urgency": _("Urgency"),
    "complexity": _("Complexity"),
}
"""By what needs are told apart. All but the state are as they are today: their past is not kept."""
_WORDS: Mapping[str, Mapping[str, str]] = {
    "state": STATES,
    "kind": KINDS,
    "urgency": URGENCIES,
    "complexity": COMPLEXITIES,
}


@frozen(kw_only=True)
class Story:
    """A need with its states in their order, each with the instant of which on it was in it."""

    need_id: UUID
    number: int
    opened_at: datetime
    steps: tuple[tuple[datetime, str], ...] = field(repr=False)
    groups: Mapping[str, str | None] = field(factory=dict[str, "str | None"], repr=False)
    decline: str | None = None
    promised_on: date | None = None

    @property
    def state(self) -> str:
        """Return the state in which it is."""
        return self.steps[-1][1] if self.steps else "new"

    @property
    def decided_at(self) -> datetime | None:
        """Return when it was decided on first; None also where it came decided from another system, which did not say
        when."""
        found = next((at for at, state in self.steps if state in DECIDED), None)
        return None if found == self.opened_at else found

    def since(self, state: str) -> datetime | None:
        """Return since when it is in a state; None where it is in another one, or came so from another system."""
        if self.state != state:
            return None
        at = self.steps[-1][0]
        return None if at == self.opened_at else at

    def key(self, by: str) -> str:
        """Return to which group it belongs."""
        return self.state if by == "state" else self.groups.get(by) or NONE


def stories(session: CrmSession, moment: Moment) -> list[Story]:
    """Return the needs that there were at a moment, as was known then, without those that had been merged."""
    steps: dict[UUID, list[tuple[datetime, str]]] = defaultdict(list)
    query = (
        select(NeedEvent.need_id, NeedEvent.at, NeedEvent.kind, NeedEvent.after)
        .where(NeedEvent.kind.in_(STEPS), NeedEvent.at <= moment.as_of, NeedEvent.recorded_at <= moment.known_at)
        .order_by(NeedEvent.at, NeedEvent.id)
    )
    known: set[UUID] = set()
    for need_id, at, kind, after in session.execute(query):
        if kind == "opened":
            known.add(need_id)
        else:
            steps[need_id].append((at, "duplicate" if kind == "merged" else str(after)))
    areas = {row.id: row.name for row in session.execute(select(ProductArea.id, ProductArea.name))}
    needs = select(
        Need.id,
        Need.number,
        Need.opened_at,
        Need.kind,
        Need.area_id,
        Need.urgency,
        Need.complexity,
        Need.decline,
        Need.promised_on,
    ).where(Need.opened_at <= moment.as_of)
    made = (
        Story(
            need_id=row.id,
            number=row.number,
            opened_at=row.opened_at,
            steps=tuple(steps.get(row.id, ())),
            groups={
                "kind": row.kind,
                "area": areas.get(row.area_id),
                "urgency": row.urgency,
                "complexity": row.complexity,
            },
            decline=row.decline,
            promised_on=row.promised_on,
        )
        for row in session.execute(needs.order_by(Need.number))
        if row.id in known
    )
    return [each for each in made if each.state != "duplicate"]


def titles_of(session: CrmSession, by: str) -> Mapping[str, str]:
    """Return what groups are called, in the order in which they stand; texts to be translated but for areas."""
    if by == "area":
        rows = session.execute(select(ProductArea.name, ProductArea.title).order_by(ProductArea.title))
        return {row.name: row.title for row in rows} | {NONE: _("None")}
    words = _WORDS[by]
    return {name: words[name] for name in (OPEN if by == "state" else words)} | {NONE: _("None")}


def month_of(at: datetime, zone: str) -> str:
    """Return the month of an instant in a zone, as ``2026-03``."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m}"


def day_of(at: datetime, zone: str) -> date:
    """Return the day of an instant in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def months_of(first: date, last: date) -> list[str]:
    """Return the months that a span of days touches."""
    begin, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [f"{each // 12:04d}-{each % 12 + 1:02d}" for each in range(begin, end + 1)]


def days_between(earlier: datetime, later: datetime) -> float:
    """Return the days between two instants, with their fractions."""
    return (later - earlier).total_seconds() / DAY


def middle(values: Iterable[float]) -> float | None:
    """Return the median to a tenth, or None of nothing."""
    found = list(values)
    return round(median(found), 1) if found else None


def ninetieth(values: Sequence[float]) -> float | None:
    """Return the value that nine of ten do not exceed, by linear interpolation (R's type 7), to a tenth."""
    if not values:
        return None
    return round(values[0] if len(values) == 1 else quantiles(values, n=10, method="inclusive")[-1], 1)
