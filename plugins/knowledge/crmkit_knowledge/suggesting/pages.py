"""The page of deflection. Must not change anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from crmkit import CrmSession, Page, texts
from crmkit_knowledge.settings import settings_of
from crmkit_knowledge.suggesting.figures import deflection, helped, visits_of
from crmkit_knowledge.suggesting.words import ARMS

_ = texts("crmkit_knowledge")

HOME = "/modules/knowledge"
SPANS = {"30": _("30 days"), "90": _("90 days"), "365": _("A year")}
USUAL = "90"


def deflection_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what came of visits within so many days (``days``: 30, 90 or 365)."""
    days = query.get("days", USUAL)
    days = days if days in SPANS else USUAL
    today = session.today()
    visits = visits_of(session, today - timedelta(days=int(days) - 1), today, session.crm.config.get(session).zone)
    found = deflection(session, visits)
    settings = settings_of(session.crm.settings)
    difference = found.difference
    return {
        "found": found,
        "arms": [("shown", found.shown), ("control", found.control)],
        "titles": ARMS,
        "rate": found.rate,
        "difference": difference,
        "says": difference is not None and ((difference.low or 0) > 0 or (difference.high or 0) < 0),
        "helped": helped(session, visits) if difference is not None else [],
        "days": days,
        "spans": SPANS,
        "share": settings.control_share,
        "hours": settings.deflection_hours,
        "home": HOME,
        "percent": percent,
    }


def percent(share: float | None) -> str:
    """Return a share as a percentage."""
    return "–" if share is None else f"{share * 100:.1f}%"


PAGES = [
    Page(
        name="knowledge.deflection",
        title=_("Deflection"),
        path="/deflection",
        template="knowledge/suggesting/deflection.html",
        context=deflection_page,
        permission="knowledge.session.read",
        icon="target",
        order=48,
    )
]
