"""The page of needs that may be the same. Must not change anything; merging and dismissing are operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Page, texts
from crmkit_needs.alike.finding import alike_to_text, needs_told, pairs
from crmkit_needs.alike.models import AlikeDismissal
from crmkit_needs.catalogue.words import STATES
from crmkit_needs.desk.pages import may

_ = texts("crmkit_needs")

HOME = "/modules/needs/alike"
SHOWN = 100
LONGEST = 500


def alike_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the pairs of open needs that may be the same, what was dismissed, and which needs are like a text."""
    text = query.get("text", "").strip()[:LONGEST]
    newest = select(AlikeDismissal).order_by(AlikeDismissal.at.desc(), AlikeDismissal.id).limit(SHOWN)
    gone = session.scalars(newest).all()
    told = needs_told(session, (each for one in gone for each in (one.first_id, one.second_id)))
    return {
        "text": text,
        "like": alike_to_text(session, text) if text else [],
        "pairs": pairs(session, SHOWN),
        "gone": [
            (told[each.first_id], told[each.second_id], each.at)
            for each in gone
            if each.first_id in told and each.second_id in told
        ],
        "states": STATES,
        "may_merge": may(session, "needs.need", "merge"),
        "may_create": may(session, "needs.need", "create"),
        "home": HOME,
    }


PAGES = [
    Page(
        name="needs.alike",
        title=_("May be the same"),
        path="/alike",
        template="needs/alike/alike.html",
        context=alike_page,
        permission="needs.need.read",
        menu=False,
    )
]
