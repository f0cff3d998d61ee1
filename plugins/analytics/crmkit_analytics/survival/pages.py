"""The page on how long customers stay: the curve of each group with its bounds, and whether groups differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmkit import CrmkitError, CrmSession, InvalidInput, Page, moment_of, texts
from crmkit.engines.statistics.survival import log_rank
from crmkit_analytics.stream.drawing import plot
from crmkit_analytics.survival.lives import Lives
from crmkit_analytics.survival.reports import SurvivalParameters, at, found_of, kaplan_meier

_ = texts("crmkit_analytics")

SILENT = ("60", "90", "180", "365")
POINTS = 60


def survival_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return the curves of all customers, or by the labels of a dimension."""
    silent = query.get("silent") if query.get("silent") in SILENT else "180"
    dimension = (query.get("dimension") or "").strip()
    found: Mapping[str, Lives] = {}
    wrong, test = "", None
    try:
        asked = SurvivalParameters(silent_days=int(str(silent)), dimension=dimension or None)
        found = found_of(session, asked, moment_of(session))
        test = log_rank(*((each.days, each.left) for each in found.values())) if len(found) > 1 else None
    except InvalidInput as error:
        wrong = "" if found else error.render(language)
    except CrmkitError as error:
        wrong = error.render(language)
    curves = {name: kaplan_meier(each.days, each.left) for name, each in found.items()}
    longest = max((max(each.days) for each in found.values()), default=0.0)
    step = max(longest / POINTS, 1.0)
    series = [
        (
            name,
            [(day, *at(curves[name], day)) for place in range(POINTS + 1) if (day := place * step) <= max(each.days)],
        )
        for name, each in found.items()
    ]
    return {
        "plot": plot(series, most=1.0, steps=True) if longest > 0 else None,
        "groups": [
            {"name": name, "n": each.n, "ended": each.ended, "median": curves[name].median}
            for name, each in found.items()
        ],
        "test": test,
        "wrong": wrong,
        "silent": silent,
        "spans": SILENT,
        "dimension": dimension,
        "asked": {"silent_days": silent, **({"dimension": dimension} if dimension else {})},
    }


PAGES = [
    Page(
        name="analytics.survival",
        title=_("How long customers stay"),
        path="/survival",
        template="analytics/survival/survival.html",
        context=survival_page,
        permission="analytics.report.read",
        icon="activity",
        order=63,
    )
]
