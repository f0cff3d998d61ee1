"""The words that say the same, as searches take them. Must not change any."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from crmkit import CrmSession, Synonyms
from crmkit_knowledge.synonyms.models import SynonymGroup


def synonyms_of(session: CrmSession) -> Sequence[Synonyms]:
    """Return the groups of terms that say the same, those of the earliest first."""
    rows = session.execute(select(SynonymGroup.terms, SynonymGroup.of).order_by(SynonymGroup.id))
    return [Synonyms(terms=terms, of=of) for terms, of in rows]
