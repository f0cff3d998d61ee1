"""Finding quotes by what people call them. Must not change anything."""

from __future__ import annotations

import re

from sqlalchemy import select

from crmkit import CrmSession, NotFound, texts
from crmkit_sales.quotes.models import Quote

_ = texts("crmkit_sales")

_NAMED = re.compile(r"(?:Q-)?(\d{1,9})(?:/(\d{1,6}))?", re.IGNORECASE)


def quote_named(session: CrmSession, name: str) -> Quote:
    """Return a quote by its name, such as Q-1042/2; without a version the newest one. Raises NotFound."""
    found = _NAMED.fullmatch(name.strip())
    quote = None
    if found is not None:
        query = select(Quote).where(Quote.number == int(found[1])).order_by(Quote.revision.desc()).limit(1)
        if found[2] is not None:
            query = query.where(Quote.revision == int(found[2]))
        quote = session.scalar(query)
    if quote is None:
        raise NotFound(_('There is no quote "{name}".'), name=name[:40])
    return quote
