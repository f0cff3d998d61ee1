"""The page of tags: what they are called, how many articles have them, and which nothing has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Page, texts
from crmkit_knowledge.tags.finding import aliases_of, counts_of, key_of, may_add
from crmkit_knowledge.tags.models import Tag

_ = texts("crmkit_knowledge")

MOST = 500


def tags_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the tags by name, those that nothing has alone where that is asked for."""
    text, unused = query.get("text", "").strip()[:60], query.get("unused") == "1"
    counts, aliases = counts_of(session), aliases_of(session)
    every = session.scalars(select(Tag).where(Tag.merged_into_id.is_(None)).order_by(Tag.name)).all()
    sought = key_of(text)
    found = [
        each
        for each in every
        if (not unused or not counts.get(each.id))
        and (not sought or any(sought in key_of(name) for name in (each.name, *aliases.get(each.id, ()))))
    ]
    return {
        "tags": found[:MOST],
        "more": len(found) > MOST,
        "counts": counts,
        "aliases": aliases,
        "unused": sum(not counts.get(each.id) for each in every),
        "said": {"text": text, "unused": unused},
        "may_manage": may_add(session),
        "home": "/modules/knowledge",
    }


PAGES = [
    Page(
        name="knowledge.tags",
        title=_("Tags of articles"),
        path="/tags",
        template="knowledge/tags/tags.html",
        context=tags_page,
        permission="knowledge.tag.read",
        icon="tags",
        menu=False,
    )
]
