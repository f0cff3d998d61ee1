"""The reports of churn: customers and revenue kept, why customers left, how right warnings were, what helped."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from crmkit_analytics.api import purchases
from sqlalchemy import select

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, Period, Report, Table, texts
from crmkit_churn.retention.models import Playbook
from crmkit_churn.retention.reading import effect_of
from crmkit_churn.scoring.models import Departure
from crmkit_churn.scoring.words import REASONS
from crmkit_churn.showing.behind import behind_reasons, behind_retention, months_of, months_on
from crmkit_churn.showing.quality import quality_of_warnings
from crmkit_churn.watching.words import CAUSES

_ = texts("crmkit_churn")


@frozen(kw_only=True)
class ChurnParameters:
    """Over which days."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]


def retention_rows(session: CrmSession, parameters: ChurnParameters, moment: Moment) -> Table:
    """Return for each month how many customers were there, left and came back, and what became of their revenue."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    months = months_of(parameters.period)
    query = select(Departure.customer_id, Departure.since, Departure.returned_on).where(
        Departure.noticed_at <= moment.as_of
    )
    departures = session.execute(query.order_by(Departure.since, Departure.id)).all()
    first = datetime.combine(months_on(months[0], -1), time(), zone).astimezone(UTC)
    spent: dict[date, dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
    begun: dict[UUID, date] = {}
    for each in purchases(session, moment.as_of, moment.known_at):
        begun.setdefault(each.customer_id, each.day)
        if datetime.combine(each.day, time(), zone).astimezone(UTC) >= first:
            spent[each.day.replace(day=1)][each.customer_id] += each.net
    rows: list[dict[str, Any]] = []
    for month in months:
        after = months_on(month, 1)
        gone = {who for who, since, back in departures if since < month and (back is None or back >= month)}
        there = {who for who, day in begun.items() if day < month} - gone
        left = {who for who, since, _back_ in departures if month <= since < after} & there
        back = {who for who, _since, returned in departures if returned is not None and month <= returned < after}
        before, now = spent.get(months_on(month, -1), {}), spent.get(month, {})
        base = sum(max(value, 0) for value in before.values())
        kept = sum(min(max(now.get(who, 0), 0), value) for who, value in before.items() if value > 0)
        net = sum(max(now.get(who, 0), 0) for who, value in before.items() if value > 0)
        rows.append(
            {
                "month": f"{month:%Y-%m}",
                "there": len(there),
                "left": len(left),
                "churn": None,
                "returned": len(back),
                "base": base,
                "grr": kept / base if base else None,
                "nrr": net / base if base else None,
            }
        )
    notes = [] if departures else [Note(text=_("Nobody is known to have left: say what leaving means first."))]
    return Table(rows=rows, notes=notes)


def reason_rows(session: CrmSession, parameters: ChurnParameters, moment: Moment) -> Table:
    """Return why customers left in a period, as far as somebody has said."""
    query = select(Departure.reason, Departure.asked_at, Departure.returned_on).where(
        Departure.since >= parameters.period.first,
        Departure.since <= parameters.period.last,
        Departure.noticed_at <= moment.as_of,
    )
    rows = session.execute(query).all()
    counts, back = Counter(row.reason for row in rows), Counter(row.reason for row in rows if row.returned_on)
    known = sum(count for name, count in counts.items() if name != "unknown")
    return Table(
        rows=[
            {"key": name, "reason": REASONS[name], "left": count, "share": count / len(rows), "returned": back[name]}
            for name, count in counts.most_common()
        ],
        notes=[Note(text=_("Of {known} of {all} somebody has said why."), values={"known": known, "all": len(rows)})],
    )


def warning_rows(session: CrmSession, parameters: ChurnParameters, moment: Moment) -> Table:
    """Return how right the warnings of a period were, by month and by what they were about."""
    found = quality_of_warnings(session, parameters.period.first, parameters.period.last)
    rows: list[dict[str, Any]] = []
    for kind, several in (("month", found.months), ("cause", found.causes)):
        for each in several:
            true = round((each.precision.value or 0.0) * each.warnings)
            rows.append(
                {
                    "key": f"{kind}/{each.key}",
                    "of": CAUSES.get(each.key, each.key),
                    "warnings": each.warnings,
                    "true": true,
                    "precision": None,
                    "departures": each.recall.n,
                    "foreseen": round((each.recall.value or 0.0) * each.recall.n),
                    "recall": None,
                    "lead": each.lead_days,
                    "false": each.false_alarms,
                    "cost": each.false_cost_minor,
                }
            )
    return Table(
        rows=rows, notes=[Note(text=_("{count} warnings are not judged yet."), values={"count": found.waiting})]
    )


def effect_rows(session: CrmSession, parameters: ChurnParameters, moment: Moment) -> Table:
    """Return what each playbook changed by the treatments that were judged in a period."""
    rows: list[dict[str, Any]] = []
    for book in session.scalars(select(Playbook).order_by(Playbook.name)):
        found = effect_of(session, playbook_id=book.id, first=parameters.period.first, last=parameters.period.last)
        rows.append(
            {
                "key": book.name,
                "playbook": book.title,
                "treated": found.treated,
                "control": found.control,
                "stayed": _percent(found.stayed_treated.value),
                "stayed_control": _percent(found.stayed_control.value),
                "uplift": _percent(found.uplift.value),
                "low": None if found.uplift.value is None else _percent(found.uplift.low),
                "high": None if found.uplift.value is None else _percent(found.uplift.high),
                "saved": None if found.savings is None else round(found.savings.value),
                "saved_low": None if found.savings is None else round(found.savings.low),
                "saved_high": None if found.savings is None else round(found.savings.high),
            }
        )
    return Table(rows=rows, notes=[] if rows else [Note(text=_("There is no playbook yet."))])


def _percent(value: float | None) -> float | None:
    return None if value is None else round(value * 100, 2)


_PERIOD = {"period": "last 12 months"}
REPORTS = [
    Report(
        name="churn.retention",
        title=_("Customers and revenue kept"),
        doc=_("Logo churn, gross and net revenue retention, and who came back, by month."),
        parameters=ChurnParameters,
        defaults=_PERIOD,
        rows=retention_rows,
        behind=behind_retention,
        key="month",
        permission="churn.departure.read",
        aggregates=True,
        counts="there",
        columns=[
            Column(name="month", title=_("Month")),
            Column(name="there", title=_("Customers at its beginning"), kind="integer"),
            Column(name="left", title=_("Left"), kind="integer", total=True, drills=True),
            Column(name="churn", title=_("Logo churn"), kind="rate", successes="left", trials="there"),
            Column(name="returned", title=_("Came back"), kind="integer", total=True, drills=True),
            Column(name="base", title=_("Revenue of the month before"), kind="money"),
            Column(
                name="grr",
                title=_("Gross retention"),
                kind="share",
                doc=_("What last month's buyers spent again, at most as much as then."),
            ),
            Column(
                name="nrr",
                title=_("Net retention"),
                kind="number",
                doc=_("What last month's buyers spent this month, against then."),
            ),
        ],
        charts=[Chart.intervals("month", "churn", title=_("Logo churn"))],
    ),
    Report(
        name="churn.reasons",
        title=_("Why customers left"),
        parameters=ChurnParameters,
        defaults=_PERIOD,
        rows=reason_rows,
        behind=behind_reasons,
        permission="churn.departure.read",
        aggregates=True,
        counts="left",
        key="key",
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="reason", title=_("Reason")),
            Column(name="left", title=_("Left"), kind="integer", total=True, drills=True),
            Column(name="share", title=_("Share"), kind="share"),
            Column(name="returned", title=_("Came back"), kind="integer", total=True, drills=True),
        ],
        charts=[Chart.bars("reason", "left", title=_("Why customers left"))],
    ),
    Report(
        name="churn.warnings",
        title=_("How right warnings were"),
        parameters=ChurnParameters,
        defaults=_PERIOD,
        rows=warning_rows,
        permission="churn.warning.read",
        temporal=False,
        key="key",
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="of", title=_("Of")),
            Column(name="warnings", title=_("Warnings"), kind="integer"),
            Column(name="true", title=_("Came true"), kind="integer"),
            Column(name="precision", title=_("Precision"), kind="rate", successes="true", trials="warnings"),
            Column(name="departures", title=_("Departures"), kind="integer"),
            Column(name="foreseen", title=_("Foreseen"), kind="integer"),
            Column(name="recall", title=_("Recall"), kind="rate", successes="foreseen", trials="departures"),
            Column(name="lead", title=_("Days before"), kind="number"),
            Column(name="false", title=_("False alarms"), kind="integer"),
            Column(name="cost", title=_("Their cost"), kind="money"),
        ],
    ),
    Report(
        name="churn.effect",
        title=_("Retention effect"),
        doc=_("How much more often customers stayed than those who were held out, and what that saved."),
        parameters=ChurnParameters,
        defaults=_PERIOD,
        rows=effect_rows,
        permission="churn.playbook.read",
        temporal=False,
        key="key",
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="playbook", title=_("Playbook")),
            Column(name="treated", title=_("Treated"), kind="integer"),
            Column(name="control", title=_("Held out"), kind="integer"),
            Column(name="stayed", title=_("Treated stayed"), kind="number", unit="%"),
            Column(name="stayed_control", title=_("Held out stayed"), kind="number", unit="%"),
            Column(name="uplift", title=_("Difference"), kind="number", unit="%"),
            Column(name="low", title=_("At least (95%)"), kind="number", unit="%"),
            Column(name="high", title=_("At most (95%)"), kind="number", unit="%"),
            Column(name="saved", title=_("Saved, less what it cost"), kind="money"),
            Column(name="saved_low", title=_("Saved at least"), kind="money"),
            Column(name="saved_high", title=_("Saved at most"), kind="money"),
        ],
    ),
]
