"""The customers behind figures of the reports of churn. Must not compute the figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from crmkit_analytics.api import purchases
from sqlalchemy import select

from crmkit import Column, CrmSession, Customer, Figure, Moment, Period, Table, texts
from crmkit.errors import UnknownFigure
from crmkit_churn.scoring.models import Departure
from crmkit_churn.scoring.words import REASONS

_ = texts("crmkit_churn")

MOST = 1000
"""Most customers that are listed behind a figure."""
TOTAL = "total"
"""The row of the sums."""
_SHAPE = (
    Column(name="customer", title=_("Customer")),
    Column(name="since", title=_("Left on"), kind="date"),
    Column(name="returned", title=_("Came back on"), kind="date"),
    Column(name="reason", title=_("Reason")),
)


def behind_retention(session: CrmSession, parameters: Any, moment: Moment, figure: Figure) -> Table:
    """Return who left or came back in a month, or in all of them, the last ones first. Raises UnknownFigure."""
    chosen = [each for each in months_of(parameters.period) if figure.row in (TOTAL, f"{each:%Y-%m}")]
    if not chosen:
        raise UnknownFigure(_('There is no month "{month}" in this report.'), month=figure.row)
    rows = _departures(session, moment)
    if figure.column == "returned":
        return _table([row for row in rows if row[0].returned_on is not None and _in(row[0].returned_on, chosen)])
    # Who left counts where they were there at the month's beginning: a first purchase before it, and not gone yet.
    begun: dict[UUID, date] = {}
    for each in purchases(session, moment.as_of, moment.known_at):
        begun.setdefault(each.customer_id, each.day)
    found: list[Any] = []
    for month in chosen:
        gone = {e.customer_id for e, _name in rows if e.since < month and not (e.returned_on and e.returned_on < month)}
        found += [
            row
            for row in rows
            if _in(row[0].since, [month])
            and row[0].customer_id not in gone
            and begun.get(row[0].customer_id, month) < month
        ]
    return _table(sorted(found, key=lambda row: row[0].since, reverse=True))


def behind_reasons(session: CrmSession, parameters: Any, moment: Moment, figure: Figure) -> Table:
    """Return who left for a reason in the period, the last ones first."""
    first, last = parameters.period.first, parameters.period.last
    found = [row for row in _departures(session, moment) if first <= row[0].since <= last]
    if figure.row != TOTAL:
        found = [row for row in found if row[0].reason == figure.row]
    return _table([row for row in found if figure.column != "returned" or row[0].returned_on is not None])


def months_of(period: Period) -> list[date]:
    """Return the first days of the months in which a period lies."""
    found = [period.first.replace(day=1)]
    while (later := months_on(found[-1], 1)) <= period.last:
        found.append(later)
    return found


def months_on(month: date, months: int) -> date:
    """Return the first day of the month so many months later."""
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _in(day: date, months: Sequence[date]) -> bool:
    return day.replace(day=1) in months


def _departures(session: CrmSession, moment: Moment) -> list[tuple[Departure, str | None]]:
    query = (
        select(Departure, Customer.name)
        .join(Customer, Customer.id == Departure.customer_id)
        .where(Departure.noticed_at <= moment.as_of)
        .order_by(Departure.since.desc(), Departure.customer_id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _table(found: Sequence[tuple[Departure, str | None]]) -> Table:
    return Table(
        rows=[
            {
                "customer": name or str(each.customer_id),
                "since": each.since,
                "returned": each.returned_on,
                "reason": REASONS[each.reason],
            }
            for each, name in found[:MOST]
        ],
        columns=list(_SHAPE),
    )
