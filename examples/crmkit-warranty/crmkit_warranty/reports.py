"""The report on warranties that end."""

from __future__ import annotations

from typing import Any

from crmkit import Chart, Column, CrmSession, Report, texts
from crmkit.hooks.contributions import Period
from sqlalchemy import func, select

from crmkit_warranty.models import Warranty

_ = texts("crmkit_warranty")


def expiring_rows(session: CrmSession, parameters: Period, moment: object) -> list[dict[str, Any]]:
    """Return each day of the period on which warranties end, with their number, by day.

    That somebody has read it is audited: who, and how much, but nothing of what stands in it.
    """
    query = (
        select(Warranty.expires_on, func.count())
        .where(Warranty.status != "closed", Warranty.expires_on.between(parameters.first, parameters.last))
        .group_by(Warranty.expires_on)
        .order_by(Warranty.expires_on)
    )
    rows: list[Any] = list(session.execute(query))
    session.note("warranty.report", resource="warranty.warranty", details={"days": len(rows)})
    return [{"day": day, "warranties": number} for day, number in rows]


REPORTS = [
    Report(
        name="warranty.expiring",
        title=_("Warranties that end"),
        rows=expiring_rows,
        parameters=Period,
        columns=[
            Column(name="day", title=_("Day"), kind="date"),
            Column(
                name="warranties",
                title=_("Warranties"),
                kind="integer",
                total=True,
                doc=_("Warranties that end on the day and are not closed."),
            ),
        ],
        charts=[Chart.bars("day", "warranties")],
        temporal=False,
        doc=_("How many warranties end on which day."),
    )
]
