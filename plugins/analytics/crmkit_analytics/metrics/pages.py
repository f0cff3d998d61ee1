"""The page of definitions: what each figure means, who answers for it, and where it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmkit import CrmSession, Page, texts
from crmkit_analytics.metrics.registry import UNITS, metrics

_ = texts("crmkit_analytics")


def figures_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return all definitions of figures; one of them first, where it is asked for by name."""
    rights = session.guarding.rights
    return {
        "metrics": metrics(session),
        "units": UNITS,
        "may_manage": rights.unrestricted or rights.scope("analytics.definition", "manage") != "none",
    }


PAGES = [
    Page(
        name="analytics.figures",
        title=_("What figures mean"),
        path="/figures",
        template="analytics/metrics/figures.html",
        context=figures_page,
        permission="analytics.report.read",
        icon="book",
        order=67,
    )
]
