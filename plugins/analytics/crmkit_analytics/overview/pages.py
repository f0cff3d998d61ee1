"""The first page of analytics, and what leads to the reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from crmkit import CrmSession, Page, Period, moment_of, texts
from crmkit_analytics.alerts.models import Alert
from crmkit_analytics.behaviour.activity import ActivityParameters, activity_rows
from crmkit_analytics.cohorts.triangle import kept_revenue
from crmkit_analytics.runs.reading import runs_of
from crmkit_analytics.stream.drawing import plot
from crmkit_analytics.stream.units import name_of, number_of

_ = texts("crmkit_analytics")

MONTHS = 12
REPORTS = {
    "analytics.activity": _("Active customers"),
    "analytics.gaps": _("Gaps between purchases"),
    "analytics.retention": _("Who came back"),
    "analytics.cohort_revenue": _("What cohorts spend"),
    "analytics.kept_revenue": _("Revenue that stays"),
    "analytics.survival": _("How long customers stay"),
    "analytics.hazard": _("When customers leave"),
    "analytics.baskets": _("Bought together"),
    "analytics.satisfaction": _("Satisfaction, staying and spending"),
    "analytics.fairness": _("Protected attributes in a decision"),
}


def overview_page(session: CrmSession) -> Mapping[str, Any]:
    """Return how many were active in the last months, what of revenue stayed, and which alerts are open."""
    moment = moment_of(session)
    today = moment.today
    period = Period(first=today.replace(day=1) - timedelta(days=31 * (MONTHS - 1)), last=today)
    rows = activity_rows(session, ActivityParameters(period=period), moment).rows[-MONTHS:]
    # The month at hand is not over: beside whole ones it would look like a fall.
    months = rows[:-1]
    line = [(float(place), float(row["active"]), None, None) for place, row in enumerate(months)]
    quarter = number_of(today, "quarter") - 1
    kept = kept_revenue(session, moment, first=quarter, last=quarter, unit="quarter")
    return {
        "rows": rows,
        "latest": rows[-1] if rows else None,
        "plot": plot([("", line)], across=float(len(line) - 1)) if len(line) > 1 else None,
        "months": [row["title"] for row in months],
        "kept": kept[0] if kept else None,
        "quarter": name_of(quarter, "quarter"),
        "alerts": session.scalar(select(func.count()).select_from(Alert).where(Alert.state == "open")) or 0,
        "runs": runs_of(session, limit=5),
        "reports": REPORTS,
    }


PAGES = [
    Page(
        name="analytics.overview",
        title=_("Analytics"),
        path="",
        template="analytics/overview/overview.html",
        context=overview_page,
        permission="analytics.report.read",
        icon="chart-bar",
        order=60,
    )
]
