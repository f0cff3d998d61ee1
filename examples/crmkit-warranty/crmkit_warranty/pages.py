"""The overview page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmkit import CrmSession, Page, texts

from crmkit_warranty.queries import expiring, in_days

_ = texts("crmkit_warranty")


def overview(session: CrmSession) -> Mapping[str, Any]:
    """Return what the page shows: the warranties that end within 30 days."""
    day = session.today()
    return {"expiring": expiring(session, day, in_days(day, 30))}


PAGES = [
    Page(
        name="warranty.overview",
        title=_("Warranties"),
        path="",
        template="warranty/overview.html",
        context=overview,
        permission="warranty.warranty.read",
    )
]
