"""How long customers stayed, or have stayed so far, read from facts. Must not know reports or curves."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from attrs import frozen

from crmkit import CrmSession, Moment, frame

DAY = 86_400
NO_GROUP = "–"


@frozen(kw_only=True)
class Lives:
    """How many whole days each customer of a group stayed, and whether they have left; who has not was seen so long."""

    days: tuple[float, ...]
    left: tuple[bool, ...]

    @property
    def n(self) -> int:
        """Return how many customers there are."""
        return len(self.days)

    @property
    def ended(self) -> int:
        """Return how many of them have left."""
        return sum(self.left)


def lives_of(
    session: CrmSession,
    moment: Moment,
    *,
    start: str,
    last: str,
    end: str | None,
    silent_days: int,
    dimension: str | None = None,
    where: str | None = None,
) -> dict[str, Lives]:
    """Return the lives of customers by their label in a dimension, all under one name without one.

    A life begins at the fact ``start``. It has ended at the fact ``end``, where one is named and has a value; without
    one at the fact ``last`` if more than ``silent_days`` have passed since. All others have lasted until the moment.
    Customers without a start are left out; those whom the reader may see count. Raises UnknownFact, ExpressionError.
    """
    names = [start, end or last, *([f"label.{dimension}"] if dimension else [])]
    found: dict[str, tuple[list[float], list[bool]]] = defaultdict(lambda: ([], []))
    for row in frame(session, names, where=where, moment=moment).rows():
        begun, other = _instant(row[1], moment), _instant(row[2], moment)
        if begun is None or begun > moment.as_of:
            continue
        if end is not None:
            gone = other is not None and other <= moment.as_of
        else:
            gone = other is not None and (moment.as_of - other).total_seconds() > silent_days * DAY
        until = other if gone and other is not None else moment.as_of
        days, left = found[(str(row[3]) if row[3] is not None else NO_GROUP) if dimension else ""]
        days.append(float(max((until - begun).days, 0)))
        left.append(gone)
    return {name: Lives(days=tuple(days), left=tuple(left)) for name, (days, left) in sorted(found.items())}


def _instant(value: datetime | date | None, moment: Moment) -> datetime | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), ZoneInfo(moment.zone))
    return value
