"""The overview page, the card on the first page of the staff, and the page for the customers themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crmkit import CardLine, CrmSession, DashboardCard, Page, PublicPage, PublicSite, SitePage, SiteVisit, texts
from crmkit.hooks.contributions import Visit

from crmkit_warranty.queries import all_terms, expiring, in_days, warranties_of

_ = texts("crmkit_warranty")


def overview(session: CrmSession) -> Mapping[str, Any]:
    """Return what the page shows: the warranties that end within 30 days."""
    day = session.today()
    return {"expiring": expiring(session, day, in_days(day, 30))}


def ending(session: CrmSession) -> Sequence[CardLine]:
    """Return the warranties that end within a week, for the card."""
    day = session.today()
    return [
        CardLine(
            title=warranty.serial,
            at=warranty.expires_on,
            path=f"/records/warranty.warranty/{warranty.id}",
            tone="warn",
        )
        for warranty in expiring(session, day, in_days(day, 7))[:5]
    ]


def mine(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what customers see by their link: the warranties that they hold."""
    held = warranties_of(session, [visit.customer_id] if visit.customer_id is not None else [], None, None)
    return {"warranties": held}


def terms(session: CrmSession, visit: SiteVisit) -> SitePage | None:
    """Return the page of the terms for anybody; there is no other one."""
    if visit.path:
        return None
    shown = {"terms": all_terms(session)}
    return SitePage(title=_("Our warranties"), template="warranty/terms.html", canonical="", context=shown)


PAGES = [
    Page(
        name="warranty.overview",
        title=_("Warranties that end"),
        path="",
        template="warranty/overview.html",
        context=overview,
        permission="warranty.warranty.read",
    )
]

CARDS = [
    DashboardCard(name="warranty.ending", title=_("Warranties that end this week"), rows=ending, icon="shield-check")
]

PUBLIC_PAGES = [
    PublicPage(
        name="warranty.mine",
        title=_("Your warranties"),
        template="warranty/mine.html",
        show=mine,
        rights=["customer.read", "warranty.warranty.read"],
    )
]

PUBLIC_SITES = [
    PublicSite(
        name="warranty.terms",
        path="warranty",
        title=_("Our warranties"),
        answer=terms,
        rights=["warranty.terms.read"],
    )
]
