"""The reports on forecasts: by month, what became of a pipeline between two days, and how right forecasts were."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Figure, Input, Moment, Note, Period, Report, Table, texts
from crmkit_sales.forecasting.deals import Deal, unconverted, within
from crmkit_sales.forecasting.inputs import MeasureName, period_of
from crmkit_sales.forecasting.measures import MEASURES, accuracy, forecast
from crmkit_sales.forecasting.models import ForecastFigure, ForecastSnapshot
from crmkit_sales.forecasting.movement import LINES
from crmkit_sales.forecasting.moving import Moved, moved
from crmkit_sales.forecasting.periods import following, month_of, name_of
from crmkit_sales.forecasting.reading import deals_at, rates_of, titles_of
from crmkit_sales.reporting.shared import (
    KEY,
    NONE,
    NOTHING,
    BasisName,
    PeriodField,
    PeriodParameters,
    group_column,
    notes,
    users,
)

_ = texts("crmkit_sales")

MOST_MONTHS = 60


@frozen(kw_only=True)
class MovementParameters:
    """Between the ends of which days, of which deals and by which measure."""

    since: Annotated[date, Input(title=_("From the end of"), classified="internal")]
    until: Annotated[date, Input(title=_("To the end of"), classified="internal")]
    closing: Annotated[
        str,
        Input(
            title=_("Deals that close in"), max_length=24, classified="internal", help=_("A period; empty for any day.")
        ),
    ] = ""
    measure: Annotated[
        Literal["amount", "weighted"],
        Input(
            title=_("Measure"), choices={"amount": _("Amount"), "weighted": MEASURES["weighted"]}, classified="internal"
        ),
    ] = "amount"
    basis: BasisName = "close"


@frozen(kw_only=True)
class AccuracyParameters:
    """Forecasts of which periods, which of their figures, and whether as adjusted."""

    period: PeriodField
    figure: MeasureName = "commit"
    adjusted: Annotated[bool, Input(title=_("As adjusted"), classified="internal")] = True


def forecast_rows(session: CrmSession, parameters: PeriodParameters, moment: Moment) -> Table:
    """Return what each month of a period will bring by the deals that close in it, as it stood."""
    as_of = None if moment.present else moment.as_of
    known_at = None if moment.present else moment.known_at
    rates = rates_of(session, parameters.basis, as_of)
    deals = deals_at(session, basis=parameters.basis, as_of=as_of, known_at=known_at, rates=rates)
    by_month: dict[date, list[Deal]] = defaultdict(list)
    for deal in deals:
        if deal.close_on is not None and within(deal, parameters.period) and deal.kind in ("open", "won"):
            by_month[deal.close_on.replace(day=1)].append(deal)
    rows: list[dict[str, Any]] = []
    month = month_of(parameters.period.first)
    while month.first <= parameters.period.last and len(rows) < MOST_MONTHS:
        found = forecast(by_month[month.first], month)
        figures = {name: found.figure(name) for name in MEASURES}
        rows.append({"month": name_of(month), "open": found.open_count, "won": found.won_count, **figures})
        month = following(month)
    counted = [deal for found in by_month.values() for deal in found]
    return Table(rows=rows, notes=notes(unconverted(counted), rates.base))


def _moved(session: CrmSession, parameters: MovementParameters) -> Moved:
    return moved(
        session,
        parameters.since,
        parameters.until,
        period=period_of(session, parameters.closing) if parameters.closing else None,
        basis=parameters.basis,
        measure=parameters.measure,
    )


def movement_rows(session: CrmSession, parameters: MovementParameters, moment: object) -> Table:
    """Return the lines of a movement; opening and changes come to the closing, to the cent."""
    found = _moved(session, parameters)
    rows = [
        {"key": line, "group": title, "deals": len(found.movement.of(line)), "amount": found.movement.total(line)}
        for line, title in LINES.items()
    ]
    return Table(rows=rows, notes=notes(found.movement.unconverted, found.currency))


def behind_movement(session: CrmSession, parameters: MovementParameters, moment: object, figure: Figure) -> Table:
    """Return the deals behind a line."""
    parts = _moved(session, parameters).movement.of(figure.row)
    words = titles_of(session, [each.deal_id for each in parts])
    return Table(
        rows=[
            {"id": str(each.deal_id), "title": words.get(each.deal_id, "–"), "amount": each.amount} for each in parts
        ],
        columns=[
            Column(name="id", title=_("Id"), hidden=True),
            Column(name="title", title=_("Opportunity")),
            Column(name="amount", title=_("Amount"), kind="money", total=True),
        ],
    )


def accuracy_rows(session: CrmSession, parameters: AccuracyParameters, moment: object) -> Table:
    """Return what was forecast at the beginning of each period that is over, by owner, and what it came to.

    Of each period the last forecast counts that was kept by the end of its first week, else the first one of all.
    """
    today = session.today()
    kept = _kept(session, parameters.period, today)
    said: dict[tuple[str, UUID | None], int] = {}
    for period, snapshot in kept.items():
        for each in session.scalars(select(ForecastFigure).where(ForecastFigure.snapshot_id == snapshot.id)):
            figure = int(getattr(each, parameters.figure))
            if parameters.adjusted:
                figure = int(each.adjusted.get(parameters.figure, figure))
            said[(period, each.owner_id)] = figure
    actual = _actual(session, kept)
    keys = sorted({*said, *actual}, key=lambda key: (key[0], str(key[1])))
    names = users(session, [owner for _period, owner in keys])
    rows: list[dict[str, Any]] = []
    for period, owner in keys:
        forecast_, closed = said.get((period, owner), 0), actual.get((period, owner), 0)
        found = accuracy([(forecast_, closed)])
        rows.append(
            {
                "key": f"{period}:{owner or NONE}",
                "group": period,
                "owner": NOTHING["owner"] if owner is None else names.get(owner, "–"),
                "taken": kept[period].taken_at,
                "forecast": forecast_,
                "actual": closed,
                "wape": found.wape,
                "bias": found.bias,
            }
        )
    whole = accuracy([(row["forecast"], row["actual"]) for row in rows])
    totals = {
        "forecast": sum(row["forecast"] for row in rows),
        "actual": sum(row["actual"] for row in rows),
        "wape": whole.wape,
        "bias": whole.bias,
    }
    told = [] if rows else [Note(text=_("No forecast was kept of a period that is over."))]
    return Table(rows=rows, totals=totals if rows else None, notes=told)


def _kept(session: CrmSession, period: Period, today: date) -> dict[str, ForecastSnapshot]:
    query = select(ForecastSnapshot).where(
        ForecastSnapshot.first >= period.first,
        ForecastSnapshot.last <= period.last,
        ForecastSnapshot.last < today,
        ForecastSnapshot.basis == "close",
    )
    found: dict[str, ForecastSnapshot] = {}
    for each in session.scalars(query.order_by(ForecastSnapshot.taken_at)):
        name = name_of(Period(first=each.first, last=each.last))
        if name not in found or each.taken_at.date() <= each.first + timedelta(days=7):
            found[name] = each
    return found


def _actual(session: CrmSession, kept: dict[str, ForecastSnapshot]) -> dict[tuple[str, UUID | None], int]:
    found: dict[tuple[str, UUID | None], int] = defaultdict(int)
    won = [each for each in deals_at(session) if each.kind == "won"] if kept else []
    for name, snapshot in kept.items():
        for each in won:
            if within(each, Period(first=snapshot.first, last=snapshot.last)):
                found[(name, each.owner_id)] += each.counted
    return dict(found)


REPORTS = [
    Report(
        name="sales.forecast",
        title=_("Forecast by month"),
        doc=_("What each month will bring by the deals that close in it: by category, and by probability."),
        rows=forecast_rows,
        parameters=PeriodParameters,
        defaults={"period": "this year"},
        columns=[
            Column(name="month", title=_("Month")),
            *(Column(name=name, title=title, kind="money", total=True) for name, title in MEASURES.items()),
            Column(name="won", title=_("Won"), kind="integer", total=True),
            Column(name="open", title=_("Open"), kind="integer", total=True),
        ],
        charts=[Chart.bars("month", "closed", "commit", "best_case", "pipeline"), Chart.lines("month", "weighted")],
        permission="sales.forecast.read",
    ),
    Report(
        name="sales.movement",
        title=_("Movement of the pipeline"),
        doc=_("What came into the pipeline and what left it between the ends of two days, to the cent."),
        rows=movement_rows,
        parameters=MovementParameters,
        columns=[
            KEY,
            group_column(_("Line")),
            Column(name="deals", title=_("Deals"), kind="integer"),
            Column(
                name="amount",
                title=_("Amount"),
                kind="money",
                drills=True,
                doc=_("What is taken off is below nought; the lines between come from the opening to the closing."),
            ),
        ],
        charts=[Chart.bars("group", "amount")],
        permission="sales.forecast.read",
        temporal=False,
        behind=behind_movement,
    ),
    Report(
        name="sales.forecast_accuracy",
        title=_("How right forecasts were"),
        doc=_("What was forecast at the beginning of periods that are over, and what they came to."),
        rows=accuracy_rows,
        parameters=AccuracyParameters,
        defaults={"period": "last 12 months"},
        columns=[
            KEY,
            group_column(_("Period")),
            Column(name="owner", title=_("Owner")),
            Column(name="taken", title=_("Kept at"), kind="instant"),
            Column(name="forecast", title=_("Forecast"), kind="money"),
            Column(name="actual", title=_("Closed"), kind="money"),
            Column(
                name="wape",
                title=_("Error"),
                kind="share",
                doc=_("Σ|closed − forecast| ÷ Σ closed; 0 is right."),
            ),
            Column(name="bias", title=_("Bias"), kind="share", doc=_("Σ(forecast − closed) ÷ Σ closed.")),
        ],
        charts=[Chart.bars("group", "forecast", "actual")],
        permission="sales.forecast.read",
        temporal=False,
    ),
]
