"""The page of links: what leads nowhere, and what nothing leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmkit import CrmSession, Page, texts
from crmkit_knowledge.rendering.references import WHY, broken_links, orphans

_ = texts("crmkit_knowledge")

MOST = 300


def links_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the links that lead nowhere and the articles that nothing leads to, the first of each."""
    broken, alone = broken_links(session), orphans(session)
    return {
        "broken": broken[:MOST],
        "orphans": alone[:MOST],
        "numbers": (len(broken), len(alone)),
        "more": len(broken) > MOST or len(alone) > MOST,
        "why": WHY,
        "home": "/modules/knowledge",
    }


PAGES = [
    Page(
        name="knowledge.links",
        title=_("Links of articles"),
        path="/links",
        template="knowledge/rendering/links.html",
        context=links_page,
        permission="knowledge.article.read",
        icon="link",
        menu=False,
    )
]
