"""The reports on contracts: what renews when, and how what recurs has moved from month to month."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Annotated, Any

from attrs import define, frozen
from sqlalchemy import or_, select

from crmkit import Chart, Column, CrmSession, Figure, Input, Note, Period, Report, Table, texts
from crmkit_sales.contracts.models import Contract
from crmkit_sales.contracts.reading import Ending, endings, in_base
from crmkit_sales.contracts.terms import last_day
from crmkit_sales.contracts.words import RENEWALS, STATES

_ = texts("crmkit_sales")

UNCONVERTED = _("{count} contracts are missing in the amounts, as there is no rate for their currency: {currencies}.")
DAY = timedelta(days=1)


@frozen(kw_only=True)
class RenewalParameters:
    """Over which days."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


def renewal_rows(session: CrmSession, parameters: RenewalParameters, moment: object) -> Table:
    """Return for each month how many contracts end, and what they bring in a year, by what happens then."""
    found = endings(session, parameters.period.first, parameters.period.last)
    months: dict[str, dict[str, Any]] = {}
    day = parameters.period.first.replace(day=1)
    while day <= parameters.period.last and len(months) < 600:
        months[f"{day:%Y-%m}"] = {"count": 0, "arr": 0, "automatic": 0, "manual": 0, "none": 0, "notice": 0}
        day = last_day(day, 1) + DAY
    for each in found:
        end = each.contract.end_on
        row = months[f"{end:%Y-%m}"]
        row["count"] += 1
        row["arr"] += each.arr or 0
        row["notice" if each.contract.state == "notice_given" else each.contract.renewal] += each.arr or 0
    return Table(rows=[{"month": month, **row} for month, row in months.items()], notes=_missing(found))


def renewals_behind(session: CrmSession, parameters: RenewalParameters, moment: object, figure: Figure) -> Table:
    """Return the contracts behind a figure of a month."""
    found = endings(session, parameters.period.first, parameters.period.last)
    rows = [
        {
            "contract": each.contract.label,
            "title": each.contract.title,
            "end": each.contract.end_on,
            "renewal": RENEWALS[each.contract.renewal],
            "state": STATES[each.contract.state],
            "arr": each.arr,
        }
        for each in found
        if figure.row in ("total", f"{each.contract.end_on:%Y-%m}") and _counts(each, figure.column)
    ]
    columns = [
        Column(name="contract", title=_("Contract")),
        Column(name="title", title=_("Title")),
        Column(name="end", title=_("Last day"), kind="date"),
        Column(name="renewal", title=_("At the end")),
        Column(name="state", title=_("State")),
        Column(name="arr", title=_("Recurring in a year"), kind="money"),
    ]
    return Table(rows=rows, columns=columns)


def _counts(each: Ending, column: str) -> bool:
    if column == "notice":
        return each.contract.state == "notice_given"
    if column in RENEWALS:
        return each.contract.state != "notice_given" and each.contract.renewal == column
    return True


@define
class _Month:
    opening: int = 0
    new: int = 0
    increased: int = 0
    decreased: int = 0
    ended: int = 0
    closing: int = 0


def recurring_rows(session: CrmSession, parameters: RenewalParameters, moment: object) -> Table:
    """Return for each month what recurs in a year at its beginning, what came and went, and what recurs at its end.

    A next term with another value is an increase or a decrease; all at the rates of the last day of the period, so that
    rates move nothing.
    """
    first, last = parameters.period.first.replace(day=1), parameters.period.last
    base = session.crm.config.get(session).base_currency
    query = select(Contract).where(
        Contract.activated_at.is_not(None),
        Contract.start_on <= last,
        or_(Contract.end_on.is_(None), Contract.end_on >= first - DAY),
    )
    values: dict[Any, int] = {}
    missing: list[Ending] = []
    contracts = session.scalars(query.order_by(Contract.number, Contract.term)).all()
    rate_day = min(last, session.today())
    for each in contracts:
        amount = in_base(session, each.yearly, base, rate_day)
        values[each.id] = amount or 0
        if amount is None and each.value_minor is not None:
            missing.append(Ending(contract=each, arr=None))
    rows: list[dict[str, Any]] = []
    begin = first
    while begin <= last and len(rows) < 600:
        end = last_day(begin, 1)
        rows.append({"month": f"{begin:%Y-%m}", **_moved(contracts, values, begin, min(end, last))})
        begin = end + DAY
    return Table(rows=rows, notes=_missing(missing))


def _moved(contracts: Any, values: dict[Any, int], first: date, last: date) -> dict[str, int]:
    before: dict[int, int] = defaultdict(int)
    after: dict[int, int] = defaultdict(int)
    for each in contracts:
        if _runs(each, first - DAY):
            before[each.number] += values[each.id]
        if _runs(each, last):
            after[each.number] += values[each.id]
    month = _Month(opening=sum(before.values()), closing=sum(after.values()))
    for number in before.keys() | after.keys():
        change = after.get(number, 0) - before.get(number, 0)
        if number not in before:
            month.new += change
        elif number not in after:
            month.ended += change
        elif change > 0:
            month.increased += change
        else:
            month.decreased += change
    return {
        "opening": month.opening,
        "new": month.new,
        "increased": month.increased,
        "decreased": month.decreased,
        "ended": month.ended,
        "closing": month.closing,
    }


def _runs(contract: Contract, day: date) -> bool:
    end = contract.ended_on or contract.end_on
    return contract.start_on <= day and (end is None or end >= day)


def _missing(found: Any) -> list[Note]:
    missing = [each.contract.currency for each in found if each.unconverted]
    if not missing:
        return []
    return [Note(text=UNCONVERTED, values={"count": len(missing), "currencies": ", ".join(sorted(set(missing)))})]


_MONTH = Column(name="month", title=_("Month"))

REPORTS = [
    Report(
        name="sales.renewals",
        title=_("What renews when"),
        rows=renewal_rows,
        parameters=RenewalParameters,
        defaults={"period": "this year"},
        columns=[
            _MONTH,
            Column(name="count", title=_("Contracts that end"), kind="integer", total=True, drills=True),
            Column(
                name="arr",
                title=_("Recurring in a year"),
                kind="money",
                total=True,
                drills=True,
                doc=_("What they bring in a year, in the base currency at today's rates."),
            ),
            Column(name="automatic", title=_("Renews itself"), kind="money", total=True, drills=True),
            Column(name="manual", title=_("Has to be renewed"), kind="money", total=True, drills=True),
            Column(name="none", title=_("Ends by itself"), kind="money", total=True, drills=True),
            Column(name="notice", title=_("Notice given"), kind="money", total=True, drills=True),
        ],
        charts=[Chart.stack("month", "automatic", "manual", "none", "notice")],
        behind=renewals_behind,
        temporal=False,
        doc=_("Which contracts end in which month, and what they bring in a year."),
    ),
    Report(
        name="sales.recurring",
        title=_("Recurring revenue from month to month"),
        rows=recurring_rows,
        parameters=RenewalParameters,
        defaults={"period": "last 12 months"},
        columns=[
            _MONTH,
            Column(
                name="opening",
                title=_("At the beginning"),
                kind="money",
                doc=_("What contracts that run bring in a year, in the base currency."),
            ),
            Column(name="new", title=_("New"), kind="money", total=True),
            Column(name="increased", title=_("Increased"), kind="money", total=True),
            Column(name="decreased", title=_("Decreased"), kind="money", total=True),
            Column(name="ended", title=_("Ended"), kind="money", total=True),
            Column(
                name="closing",
                title=_("At the end"),
                kind="money",
                doc=_("The beginning and everything that came and went."),
            ),
        ],
        charts=[Chart.lines("month", "closing")],
        temporal=False,
        doc=_("How what recurs in a year has moved: new contracts, changes at renewals, contracts that ended."),
    ),
]
