"""The page of cohorts: a triangle as a heat map, of customers or of revenue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from crmkit import CrmSession, Page, moment_of, texts
from crmkit_analytics.cohorts.triangle import Cell, triangle
from crmkit_analytics.stream.drawing import plot, shade
from crmkit_analytics.stream.units import Unit, first_day, name_of, number_of
from crmkit_analytics.stream.words import UNITS

_ = texts("crmkit_analytics")

SHOWN = {"week": 16, "month": 13, "quarter": 9, "year": 8}
MEASURES = {"customers": _("Customers who buy"), "revenue": _("Net amount by the first one")}
EARLIEST, LATEST = date(1970, 1, 1), date(2200, 1, 1)
SMALLEST = 5
"""Of a cohort of fewer customers nothing is shown to who may not see all."""


def cohorts_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return the triangle of the last cohorts as of a day."""
    unit = cast(Unit, query.get("unit") if query.get("unit") in SHOWN else "month")
    measure = query.get("measure") if query.get("measure") in MEASURES else "customers"
    day = _day(query.get("as_of"))
    moment = moment_of(session, day)
    last = number_of(moment.today, unit)
    first = last - SHOWN[unit] + 1
    found = triangle(session, moment, first=first, last=last, unit=unit)
    few = not session.guarding.rights.unrestricted
    rows = [
        {
            "name": name_of(cohort, unit),
            "size": cells[0].size,
            "hidden": few and cells[0].size < SMALLEST,
            "cells": [_cell(each, str(measure)) for each in cells],
        }
        for cohort in found.cohorts
        if (cells := found.of(cohort))
    ]
    pooled = [each for age in range(found.ages) if (each := found.pooled(age, last=last - 1)) is not None]
    curve = [(float(each.age), each.retained, each.low, each.high) for each in pooled]
    return {
        "rows": rows,
        "ages": found.ages,
        "unit": unit,
        "units": {name: UNITS[name] for name in SHOWN},
        "measure": measure,
        "measures": MEASURES,
        "as_of": moment.today,
        "unconverted": found.unconverted,
        "plot": plot([("", curve)], most=1.0, across=float(len(curve) - 1)) if len(curve) > 1 else None,
        "report": "analytics.retention" if measure == "customers" else "analytics.cohort_revenue",
        "period": f"{first_day(first, unit)}..{moment.today}",
    }


def _cell(cell: Cell, measure: str) -> dict[str, Any]:
    part = cell.retained if measure == "customers" else cell.revenue
    return {
        "age": cell.age,
        "part": part,
        "shade": shade(part),
        "customers": cell.customers,
        "size": cell.size,
        "low": cell.low,
        "high": cell.high,
    }


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None


PAGES = [
    Page(
        name="analytics.cohorts",
        title=_("Cohorts"),
        path="/cohorts",
        template="analytics/cohorts/cohorts.html",
        context=cohorts_page,
        permission="analytics.report.read",
        icon="history",
        order=61,
    )
]
