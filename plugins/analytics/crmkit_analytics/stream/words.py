"""Parameters and columns that the reports of analytics share. Must not know any figure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from crmkit import Column, CrmSession, Input, InvalidInput, Moment, Named, Note, Period, Problem, texts
from crmkit_analytics.stream.units import Unit, last_day, number_of

_ = texts("crmkit_analytics")

UNITS = {
    "day": _("Day"),
    "week": _("Week"),
    "month": _("Month"),
    "quarter": _("Quarter"),
    "year": _("Year"),
}
PeriodField = Annotated[Period, Input(title=_("Period"), classified="internal")]
UnitField = Annotated[
    Literal["day", "week", "month", "quarter", "year"],
    Input(title=_("Divided by"), choices=UNITS, classified="internal"),
]
KindField = Annotated[str, Input(title=_("Kind of interaction"), max_length=60, classified="internal")]
DimensionField = Annotated[str, Input(title=_("Dimension"), max_length=80, classified="internal"), Named("dimension")]
SegmentField = Annotated[str | None, Input(title=_("Segment"), max_length=80, classified="internal"), Named("segment")]
WhereField = Annotated[str | None, Input(title=_("Only customers for whom")), Named("expression")]
MOST_UNITS = 60

KEY = Column(name="key", title=_("Key"), hidden=True)
NO_MONEY = Note(text=_("No base currency is set, so there are no amounts."))


def units_of(period: Period, unit: Unit, moment: Moment, most: int = MOST_UNITS) -> list[int]:
    """Return the running numbers of the units of a period that have begun by a moment. Raises InvalidInput where there
    are more than ``most``."""
    first, last = number_of(period.first, unit), number_of(min(period.last, moment.today), unit)
    if last - first + 1 > most:
        text = _("These are {number} units; at most {limit} can be shown.")
        raise InvalidInput([Problem(InvalidInput.code, text, field="unit", number=last - first + 1, limit=most)])
    return list(range(first, last + 1))


def whole(number: int, unit: Unit, moment: Moment) -> bool:
    """Say whether a unit was over by a moment."""
    return last_day(number, unit) < moment.today


def bounds(session: CrmSession, period: Period) -> tuple[datetime, datetime]:
    """Return the instants (UTC) at which a period begins and is over, by the company's days."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    first = datetime.combine(period.first, time(), zone).astimezone(UTC)
    return first, datetime.combine(period.last + timedelta(days=1), time(), zone).astimezone(UTC)
