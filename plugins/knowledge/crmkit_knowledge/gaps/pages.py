"""The page of gaps and of articles that are alike. Must not change anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Page, User, texts
from crmkit_knowledge.desk.rights import may
from crmkit_knowledge.gaps.showing import shown_gaps, shown_pairs
from crmkit_knowledge.gaps.words import STATES, TONES

_ = texts("crmkit_knowledge")

HOME = "/modules/knowledge"


def gaps_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the gaps, with ``all`` those that are answered or dismissed, too, and the articles that are alike."""
    every = query.get("all") == "1"
    gaps = shown_gaps(session, states=tuple(STATES) if every else ("open", "writing"))
    owners = {each.gap.owner_id for each in gaps if each.gap.owner_id is not None}
    return {
        "gaps": gaps,
        "pairs": shown_pairs(session),
        "owners": {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(owners)))},
        "every": every,
        "states": STATES,
        "tones": TONES,
        "may_change": may(session, "update", "knowledge.gap"),
        "may_dismiss": may(session, "update", "knowledge.alike"),
        "home": HOME,
        "here": f"{HOME}/gaps" + ("?all=1" if every else ""),
    }


PAGES = [
    Page(
        name="knowledge.gaps",
        title=_("Gaps"),
        path="/gaps",
        template="knowledge/gaps/gaps.html",
        context=gaps_page,
        permission="knowledge.gap.read",
        icon="search",
        order=46,
    )
]
