"""Legal holds: customers of whom nothing may be removed until the hold is released."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped

from crmkit.core.store.guard import region
from crmkit.core.store.model import Access, Record, field
from crmkit.core.store.session import CrmSession
from crmkit.errors import OnLegalHold
from crmkit.i18n import texts

_ = texts("crmkit")


class LegalHold(Record):
    """A hold on everything about a customer, as for a lawsuit. It ends when it is released."""

    __tablename__ = "crm_legal_hold"
    __access__ = Access.system()

    customer_id: Mapped[UUID] = field(classified="internal", editable=False)
    """No foreign key: who is on hold cannot be removed, so the row never outlives its customer."""
    reason: Mapped[str] = field(String(500), title=_("Reason"), classified="internal")
    placed_by: Mapped[str] = field(String(80), title=_("Placed by"), classified="internal")
    released_at: Mapped[datetime | None] = field(title=_("Released at"), classified="internal")
    released_by: Mapped[str | None] = field(String(80), title=_("Released by"), classified="internal")

    __table_args__ = (Index("ix_crm_legal_hold_customer", "customer_id", "released_at"),)


def holds_on(session: CrmSession, customer_ids: Iterable[UUID]) -> dict[UUID, LegalHold]:
    """Return the customers of some that are on hold, each with its oldest hold."""
    query = (
        select(LegalHold)
        .where(LegalHold.customer_id.in_(list(customer_ids)), LegalHold.released_at.is_(None))
        .order_by(LegalHold.created_at.desc())
    )
    with region(session, "looking for legal holds"):
        return {hold.customer_id: hold for hold in session.scalars(query)}


def refuse_if_held(session: CrmSession, customer_id: UUID) -> None:
    """Raise OnLegalHold when nothing of a customer may be removed."""
    hold = holds_on(session, [customer_id]).get(customer_id)
    if hold is not None:
        raise OnLegalHold(since=hold.created_at.date().isoformat(), reason=hold.reason)
