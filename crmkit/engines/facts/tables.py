"""The tables of materialised facts: which are, what they are for whom, and whose are to be computed anew."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Float, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit.core.customers.models import Customer
from crmkit.core.store.clock import system_now
from crmkit.core.store.model import Access, Entry, Model, field, kernel_key
from crmkit.i18n import texts

_ = texts("crmkit")


class KeptFact(Entry):
    """A fact that is materialised, with its key if it has one; the times are those of its last computation."""

    __tablename__ = "crm_fact_kept"
    __access__ = Access.system()
    __append_only__ = False

    name: Mapped[str] = field(String(120), title=_("Fact"), classified="internal")
    key: Mapped[str] = field(String(200), title=_("Key"), classified="internal", default="")
    as_of: Mapped[datetime | None] = field(title=_("As of"), classified="internal")
    known_at: Mapped[datetime | None] = field(title=_("Known at"), classified="internal")

    __table_args__ = (UniqueConstraint("name", "key"),)


class FactValue(Model):
    """What a materialised fact is for a customer, in the column of its type; where it is the default there is none."""

    __tablename__ = "crm_fact_value"
    __access__ = Access.system()

    fact_id: Mapped[UUID] = field(
        ForeignKey("crm_fact_kept.id", ondelete="CASCADE"), classified="internal", primary_key=True
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", primary_key=True, index=True
    )
    whole: Mapped[int | None] = field(classified="personal")
    number: Mapped[float | None] = field(Float, classified="personal")
    text: Mapped[str | None] = field(String, classified="personal")
    day: Mapped[date | None] = field(classified="personal")
    instant: Mapped[datetime | None] = field(classified="personal")


class FactTouch(Model):
    """A customer of whom facts are to be computed anew although no time says so: what was somebody else's is now its.

    ``run_id`` is the computation that has taken it up.
    """

    __tablename__ = "crm_fact_touch"
    __access__ = Access.system()

    id: Mapped[UUID] = field(classified="internal", primary_key=True)
    customer_id: Mapped[UUID] = field(kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True)
    run_id: Mapped[UUID | None] = field(classified="internal")
    touched_at: Mapped[datetime] = field(classified="internal", default=system_now)
