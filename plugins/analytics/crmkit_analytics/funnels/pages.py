"""The page of funnels: which there are, and one of them step by step, whole or by the labels of a dimension."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from crmkit import CrmkitError, CrmSession, Page, Period, moment_of, texts
from crmkit.engines.statistics.intervals import wilson
from crmkit_analytics.definitions.keeping import content_of, listed, versions
from crmkit_analytics.funnels.reports import CompareParameters, FunnelParameters, compare_rows, funnel_rows
from crmkit_analytics.funnels.steps import Funnel

_ = texts("crmkit_analytics")

DAYS = {"30": _("30 days"), "90": _("90 days"), "365": _("365 days")}


def funnels_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return a funnel by name, or the first one, with its steps for those who entered in the last days."""
    known = listed(session, "funnel")
    names = [each.name for each in known]
    name = query.get("name") if query.get("name") in names else (names[0] if names else None)
    days = query.get("days") if query.get("days") in DAYS else "90"
    dimension = (query.get("dimension") or "").strip()
    today = session.today()
    period = Period(first=today - timedelta(days=int(str(days)) - 1), last=today)
    steps: list[dict[str, Any]] = []
    labels: list[Mapping[str, Any]] = []
    wrong = ""
    definition = next((each for each in known if each.name == name), None)
    if definition is not None:
        moment = moment_of(session)
        try:
            table = funnel_rows(session, FunnelParameters(funnel=definition.name, period=period), moment)
            steps = [_step(row) for row in table.rows]
            if dimension:
                asked = CompareParameters(funnel=definition.name, dimension=dimension, period=period)
                labels = [_label(row) for row in compare_rows(session, asked, moment).rows]
        except CrmkitError as error:
            wrong = error.render(language)
    return {
        "known": known,
        "definition": definition,
        "funnel": None if definition is None else content_of(definition, Funnel),
        "versions": [] if definition is None else versions(session, "funnel", definition.name),
        "steps": steps,
        "labels": labels,
        "wrong": wrong,
        "days": days,
        "spans": DAYS,
        "dimension": dimension,
        "period": f"{period.first}..{period.last}",
        "may_manage": session.guarding.rights.unrestricted
        or session.guarding.rights.scope("analytics.definition", "manage") != "none",
    }


def _step(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dict(row)
    for name, base in (("conversion", row["before"]), ("through", row["first"])):
        found[name] = wilson(row["reached"], base) if base else None
    found["part"] = row["reached"] / row["first"] if row["first"] else 0.0
    return found


def _label(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "rate": wilson(row["came"], row["entered"]) if row["entered"] else None}


PAGES = [
    Page(
        name="analytics.funnels",
        title=_("Funnels"),
        path="/funnels",
        template="analytics/funnels/funnels.html",
        context=funnels_page,
        permission="analytics.report.read",
        icon="filter",
        order=62,
    )
]
