"""May a source replace the values that customers have? Weighs it against the sources of those values.

Must not write. Values that are empty are anybody's to fill.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from crmkit import CrmSession, RecordOrigins, origins_of, texts
from crmkit_quality.survivorship.fields import lead_of
from crmkit_quality.survivorship.trust import TrustBook, read_trust
from crmkit_quality.survivorship.words import Because

_ = texts("crmkit_quality")


class Weighing:
    """Weighs one source against what some customers have. ``as_of`` is when the source knew its values (UTC); None for
    now."""

    def __init__(
        self, session: CrmSession, customer_ids: Iterable[UUID], source: str, *, as_of: datetime | None = None
    ) -> None:
        self._source = source
        self._as_of = as_of
        self.book: TrustBook = read_trust(session)
        self.origins: Mapping[UUID, RecordOrigins] = origins_of(session, list(customer_ids))

    def objection(self, customer_id: UUID, name: str) -> Because | None:
        """Return why a field keeps its value; None where the source may replace it: the source of the value there is
        not trusted more, and where it is trusted alike the newer value wins."""
        record = self.origins.get(customer_id)
        origins = [each for each in record.fields if each.field in _meant(name)] if record is not None else []
        for origin in sorted(origins, key=lambda each: self.book.trust(each.source), reverse=True):
            order = self.book.rule(lead_of(name)).sources
            here, there = self.book.rank(origin.source, order), self.book.rank(self._source, order)
            values = {
                "source": self.book.title(origin.source),
                "trust": self.book.trust(origin.source),
                "other": self.book.title(self._source),
                "less": self.book.trust(self._source),
            }
            if here > there:
                if here[0] != there[0]:
                    return Because(
                        text=_("Kept: {source} comes before {other} in the order of sources."), values=values
                    )
                return Because(text=_("Kept: {source} is trusted more ({trust}) than {other} ({less})."), values=values)
            if here == there and self._as_of is not None and self._as_of < origin.since:
                return Because(text=_("Kept: {source} is trusted alike, and its value is newer."), values=values)
        return None


def _meant(name: str) -> frozenset[str]:
    """Return the fields of origins that a field of a change would replace."""
    if name == "contact_points":
        return frozenset(("email", "phone", "address", "social", "web"))
    return frozenset(("parent_id",) if name == "organization" else (name,))
