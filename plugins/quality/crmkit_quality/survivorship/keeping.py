"""What imports leave alone: values whose source is trusted more, of fields whose rule says that trust decides."""

from __future__ import annotations

from collections.abc import Sequence

from crmkit import CrmSession, IncomingChange, KeptValue
from crmkit_quality.survivorship.fields import lead_of
from crmkit_quality.survivorship.trust import TrustBook, read_trust
from crmkit_quality.survivorship.weighing import Weighing


def keep_values(session: CrmSession, source: str, changes: Sequence[IncomingChange]) -> list[KeptValue]:
    """Return the values that a file must not replace, each with the reason."""
    book = read_trust(session)
    wanted = {one.customer_id: fields for one in changes if (fields := [f for f in one.fields if _ruled(book, f)])}
    if not wanted:
        return []
    weighing = Weighing(session, wanted, source)
    return [
        KeptValue(customer_id=id_, field=name, reason=because.text, values=because.values)
        for id_, fields in wanted.items()
        for name in fields
        if (because := weighing.objection(id_, name)) is not None
    ]


def _ruled(book: TrustBook, name: str) -> bool:
    return book.rule(lead_of(name)).strategy == "trusted_source"
