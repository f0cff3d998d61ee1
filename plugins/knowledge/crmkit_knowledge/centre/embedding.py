"""Texts and searches as JSON, for pages and apps of the business that show them in their own clothes.

They say what the pages say, to whoever may open these. Must not know who may read them from where.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from crmkit import CrmSession, PageFile, SiteVisit
from crmkit_knowledge.articles.models import PublicText
from crmkit_knowledge.centre.finding import Found
from crmkit_knowledge.centre.showing import rendered


def text_file(session: CrmSession, visit: SiteVisit, text: PublicText, at: Callable[[str], str]) -> PageFile:
    """Return a text: ``title``, ``summary``, ``language`` and ``html``, which does nothing but show it, with
    ``released_at`` (ISO 8601, UTC) and its ``address``. ``at`` gives the address of a path."""
    told = {**_named(text, at), "html": str(rendered(session, text, base=visit.base))}
    return _file(told)


def found_file(said: str, found: Iterable[Found], at: Callable[[str], str]) -> PageFile:
    """Return what a search finds, the best first: as `text_file`, with a ``snippet`` in place of the text."""
    results = [
        {**_named(each.text, at), "snippet": each.hit.snippet, "marks": [list(mark) for mark in each.hit.highlights]}
        for each in found
    ]
    return _file({"query": said, "results": results})


def _named(text: PublicText, at: Callable[[str], str]) -> dict[str, Any]:
    return {
        "title": text.title,
        "summary": text.summary or "",
        "language": text.language.replace("_", "-"),
        "released_at": text.released_at.isoformat(),
        "address": at(f"a/{text.slug}"),
    }


def _file(told: dict[str, Any]) -> PageFile:
    return PageFile(content=json.dumps(told, ensure_ascii=False).encode(), media_type="application/json")
