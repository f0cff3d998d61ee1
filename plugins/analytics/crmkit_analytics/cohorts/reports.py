"""The reports on cohorts: who came back, what they spend, and what of revenue stays from one time to the next."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Figure, Moment, Note, Report, Table, texts
from crmkit_analytics.cohorts.behind import buyers_of, movers_of
from crmkit_analytics.cohorts.triangle import Triangle, kept_revenue, triangle
from crmkit_analytics.stream.units import name_of, number_of
from crmkit_analytics.stream.words import KEY, NO_MONEY, PeriodField, UnitField, WhereField, units_of, whole

_ = texts("crmkit_analytics")

MOST_AGES = 24


@frozen(kw_only=True)
class CohortParameters:
    """Who came when, divided by what, and among whom."""

    period: PeriodField
    unit: UnitField = "month"
    where: WhereField = None


@frozen(kw_only=True)
class RevenueParameters:
    """What became of revenue when, from which unit to the next."""

    period: PeriodField
    unit: UnitField = "quarter"


def found_of(session: CrmSession, parameters: CohortParameters, moment: Moment) -> Triangle:
    """Return the triangle that is asked for. Raises InvalidInput for too many units."""
    units = units_of(parameters.period, parameters.unit, moment)
    first = units[0] if units else number_of(parameters.period.first, parameters.unit)
    last = units[-1] if units else first - 1
    return triangle(session, moment, first=first, last=last, unit=parameters.unit, where=parameters.where)


def retention_rows(session: CrmSession, parameters: CohortParameters, moment: Moment) -> Table:
    """Return for each cohort which part of it bought in each unit since."""
    found = found_of(session, parameters, moment)
    ages = min(found.ages, MOST_AGES)
    rows: list[dict[str, Any]] = []
    for cohort in found.cohorts:
        cells = found.of(cohort)[:ages]
        row: dict[str, Any] = {"key": str(cohort), "title": name_of(cohort, found.unit), "size": cells[0].size}
        for cell in cells:
            row[f"n{cell.age}"], row[f"of{cell.age}"] = cell.customers, cell.size
        rows.append(row)
    columns = [KEY, _COHORT, _SIZE]
    for age in range(ages):
        columns += [
            Column(name=f"n{age}", title=str(age), kind="integer", hidden=True),
            Column(name=f"of{age}", title=str(age), kind="integer", hidden=True),
            Column(
                name=f"rate{age}", title=f"+{age}", kind="rate", successes=f"n{age}", trials=f"of{age}", drills=True
            ),
        ]
    shown = [f"rate{age}" for age in range(1, min(ages, 4))]
    for row in rows:
        row.update({f"rate{age}": None for age in range(ages)})
        for age in range(ages):
            row.setdefault(f"n{age}", None)
            row.setdefault(f"of{age}", None)
    return Table(
        rows=rows, columns=columns, charts=[Chart.lines("title", *shown)] if shown else [], notes=_notes(found)
    )


def revenue_rows(session: CrmSession, parameters: CohortParameters, moment: Moment) -> Table:
    """Return for each cohort what it spent in each unit since, by what it spent in the one in which it came."""
    found = found_of(session, parameters, moment)
    ages = min(found.ages, MOST_AGES)
    rows: list[dict[str, Any]] = []
    for cohort in found.cohorts:
        cells = found.of(cohort)[:ages]
        row = {"key": str(cohort), "title": name_of(cohort, found.unit), "size": cells[0].size, "base": cells[0].base}
        row.update({f"share{age}": None for age in range(ages)})
        row.update({f"share{cell.age}": cell.revenue for cell in cells})
        rows.append(row)
    base = Column(name="base", title=_("At first"), kind="money", doc=_("What they spent when they came."))
    shares = [Column(name=f"share{age}", title=f"+{age}", kind="share") for age in range(ages)]
    notes = _notes(found) if moment.base_currency is not None else [NO_MONEY]
    return Table(rows=rows, columns=[KEY, _COHORT, _SIZE, base, *shares], notes=notes)


def behind_retention(session: CrmSession, parameters: CohortParameters, moment: Moment, figure: Figure) -> Table:
    """Return the customers of a cohort who bought in the unit of a figure."""
    age = int(figure.column.removeprefix("rate")) if figure.column.startswith("rate") else 0
    return buyers_of(session, moment, cohort=int(figure.row), age=age, unit=parameters.unit, where=parameters.where)


def kept_rows(session: CrmSession, parameters: RevenueParameters, moment: Moment) -> Table:
    """Return for each unit what became of the revenue of the one before."""
    units = [
        each for each in units_of(parameters.period, parameters.unit, moment) if whole(each, parameters.unit, moment)
    ]
    if not units:
        return Table(rows=[], notes=[Note(text=_("No unit of this period is over yet."))])
    found = kept_revenue(session, moment, first=units[0], last=units[-1], unit=parameters.unit)
    rows: list[dict[str, Any]] = []
    for each in found:
        gross, net = each.gross or (None, None, None), each.net or (None, None, None)
        rows.append(
            {
                "key": str(each.number),
                "title": name_of(each.number, parameters.unit),
                "customers": each.customers,
                "stayed": each.stayed,
                "rate": None,
                "opening": each.opening,
                "churned": each.churned,
                "contraction": each.contraction,
                "expansion": each.expansion,
                "closing": each.closing,
                "grr": gross[0],
                "grr_low": gross[1],
                "grr_high": gross[2],
                "nrr": net[0],
                "nrr_low": net[1],
                "nrr_high": net[2],
            }
        )
    return Table(rows=rows, notes=[] if moment.base_currency is not None else [NO_MONEY])


def behind_kept(session: CrmSession, parameters: RevenueParameters, moment: Moment, figure: Figure) -> Table:
    """Return the customers behind a figure: who left, or whose spending changed."""
    return movers_of(session, moment, number=int(figure.row), unit=parameters.unit, what=figure.column)


def _notes(found: Triangle) -> list[Note]:
    if not found.unconverted:
        return []
    text = _("{number} purchases could not be converted and are in no amount.")
    return [Note(text=text, values={"number": found.unconverted})]


_COHORT = Column(name="title", title=_("First purchase"), doc=_("When the customers of the cohort bought first."))
_SIZE = Column(name="size", title=_("Customers"), kind="integer", doc=_("How many bought for the first time then."))


def _of_age(age: int) -> list[Column]:
    count, size = f"n{age}", f"of{age}"
    return [
        Column(name=count, title=str(age), kind="integer", hidden=True),
        Column(name=size, title=str(age), kind="integer", hidden=True),
        Column(name=f"rate{age}", title=f"+{age}", kind="rate", successes=count, trials=size, drills=True),
    ]


_RATES = [column for age in range(MOST_AGES) for column in _of_age(age)]


def _share(name: str, title: str, doc: str = "", *, hidden: bool = False) -> Column:
    return Column(name=name, title=title, kind="share", doc=doc, hidden=hidden)


REPORTS = [
    Report(
        name="analytics.retention",
        title=_("Who came back"),
        doc=_("Of those who bought for the first time in a month: which part bought in each month since."),
        rows=retention_rows,
        behind=behind_retention,
        parameters=CohortParameters,
        defaults={"period": "last 12 months"},
        columns=[KEY, _COHORT, _SIZE, *_RATES],
        key="key",
        permission="analytics.report.read",
        aggregates=True,
        counts="size",
    ),
    Report(
        name="analytics.cohort_revenue",
        title=_("What cohorts spend"),
        doc=_("What those who came in a month spend in each month since, by what they spent in the first; net."),
        rows=revenue_rows,
        parameters=CohortParameters,
        defaults={"period": "last 12 months"},
        columns=[KEY, _COHORT, _SIZE],
        key="key",
        permission="analytics.report.read",
        aggregates=True,
        counts="size",
    ),
    Report(
        name="analytics.kept_revenue",
        title=_("Revenue that stays"),
        doc=_("Gross and net revenue retention: what those who spent in one time spend in the next."),
        rows=kept_rows,
        behind=behind_kept,
        parameters=RevenueParameters,
        defaults={"period": "last 12 months"},
        columns=[
            KEY,
            Column(name="title", title=_("Time")),
            Column(
                name="customers",
                title=_("Customers before"),
                kind="integer",
                drills=True,
                doc=_("Who spent something in the time before, after refunds."),
            ),
            Column(name="stayed", title=_("Stayed"), kind="integer", drills=True, doc=_("Who spends something now.")),
            Column(
                name="rate",
                title=_("Customers kept"),
                kind="rate",
                successes="stayed",
                trials="customers",
                doc=_("Logo retention: the part of the customers before who spend something now."),
            ),
            Column(name="opening", title=_("Opening"), kind="money", doc=_("What they spent in the time before.")),
            Column(name="churned", title=_("Churn"), kind="money", drills=True, doc=_("Who spends nothing now.")),
            Column(name="contraction", title=_("Contraction"), kind="money", drills=True, doc=_("Less than before.")),
            Column(name="expansion", title=_("Expansion"), kind="money", drills=True, doc=_("More than before.")),
            Column(name="closing", title=_("Closing"), kind="money", doc=_("What the same customers spend now.")),
            _share("grr", _("GRR"), _("(Opening − contraction − churn) ÷ opening.")),
            _share("grr_low", _("GRR from"), _("Lower end of its 95% interval.")),
            _share("grr_high", _("GRR to"), _("Upper end of its 95% interval.")),
            _share("nrr", _("NRR"), _("Closing ÷ opening: with expansion.")),
            _share("nrr_low", _("NRR from"), _("Lower end of its 95% interval.")),
            _share("nrr_high", _("NRR to"), _("Upper end of its 95% interval.")),
        ],
        charts=[Chart.lines("title", "grr", "nrr"), Chart.intervals("title", "rate")],
        permission="analytics.report.read",
        aggregates=True,
        counts="customers",
    ),
]
