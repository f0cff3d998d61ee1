"""The tables of contracts: a row for each term of each contract, and the files that belong to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Attachment, Customer, CustomerRecord, Money, Record, field, kernel_key, texts
from crmkit_sales.contracts.terms import PERIODS, worth, yearly
from crmkit_sales.contracts.words import RENEWALS, SIDES, STATES
from crmkit_sales.orders.models import Order
from crmkit_sales.pipelines.models import Opportunity

_ = texts("crmkit_sales")


class Contract(CustomerRecord):
    """One term of a contract. All terms have the ``number`` of the first, and count on in ``term``.

    Days are calendar days, ``end_on`` is the last one; a contract without ``term_months`` runs until notice is given.
    ``notice_by`` is the last day on which notice is in time, and ``remind_on`` when the owner is told of it; both
    follow from the end. ``first_on`` is the first day of the first term and ``months_before`` the months between, so
    that short months shift nothing. ``value_minor`` is what each ``period`` costs, in minor units.
    """

    __tablename__ = "sales_contract"

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", editable=False)
    term: Mapped[int] = field(Integer, title=_("Term"), classified="internal", default=1, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal", searchable=True)
    state: Mapped[str] = field(
        String(12), title=_("State"), classified="internal", choices=STATES, default="draft", editable=False
    )
    start_on: Mapped[date] = field(title=_("Begins on"), classified="internal")
    end_on: Mapped[date | None] = field(title=_("Last day"), classified="internal", editable=False)
    term_months: Mapped[int | None] = field(Integer, title=_("Months"), classified="internal")
    renewal: Mapped[str] = field(
        String(9), title=_("At the end"), classified="internal", choices=RENEWALS, default="manual"
    )
    renewal_months: Mapped[int | None] = field(Integer, title=_("Months of the next term"), classified="internal")
    notice_days: Mapped[int] = field(Integer, title=_("Days of notice"), classified="internal", default=30)
    remind_days: Mapped[int] = field(
        Integer, title=_("Remind so many days before notice"), classified="internal", default=30
    )
    value_minor: Mapped[int | None] = field(title=_("Value each time"), classified="internal")
    currency: Mapped[str | None] = field(String(3), title=_("Currency"), classified="internal")
    period: Mapped[str] = field(
        String(7), title=_("Paid every"), classified="internal", choices=PERIODS, default="month"
    )
    notes: Mapped[str | None] = field(String(5000), title=_("Notes"), classified="text")
    order_id: Mapped[UUID | None] = field(
        ForeignKey(Order.id, ondelete="SET NULL"), title=_("Order"), classified="internal", index=True
    )
    opportunity_id: Mapped[UUID | None] = field(
        ForeignKey(Opportunity.id, ondelete="SET NULL"), title=_("Opportunity"), classified="internal", index=True
    )

    notice_by: Mapped[date | None] = field(title=_("Notice until"), classified="internal", editable=False)
    remind_on: Mapped[date | None] = field(title=_("Reminder on"), classified="internal", editable=False)
    reminded_for: Mapped[date | None] = field(classified="internal", editable=False)
    """The last day of notice of which the owner has been told."""
    first_on: Mapped[date] = field(title=_("First began on"), classified="internal", editable=False)
    months_before: Mapped[int] = field(Integer, classified="internal", default=0, editable=False)
    follows_id: Mapped[UUID | None] = field(
        ForeignKey("sales_contract.id", ondelete="SET NULL"),
        title=_("Term before"),
        classified="internal",
        unique=True,
        editable=False,
    )
    renewal_opportunity_id: Mapped[UUID | None] = field(
        ForeignKey(Opportunity.id, ondelete="SET NULL"),
        title=_("Renewal"),
        classified="internal",
        index=True,
        editable=False,
    )

    activated_at: Mapped[datetime | None] = field(title=_("Active since"), classified="internal", editable=False)
    notice_on: Mapped[date | None] = field(title=_("Notice given on"), classified="internal", editable=False)
    notice_side: Mapped[str | None] = field(
        String(8), title=_("Notice given by"), classified="internal", choices=SIDES, editable=False
    )
    notice_reason: Mapped[str | None] = field(
        String(500), title=_("Why notice was given"), classified="sensitive", editable=False
    )
    ended_on: Mapped[date | None] = field(title=_("Ended on"), classified="internal", editable=False)
    """Its last day, once it is over; earlier than ``end_on`` where it was ended early."""
    ended_at: Mapped[datetime | None] = field(classified="internal", editable=False)

    __table_args__ = (
        UniqueConstraint("number", "term"),
        Index("ix_sales_contract_state", "state", "end_on"),
        Index("ix_sales_contract_remind", "remind_on", "state"),
    )

    @property
    def label(self) -> str:
        """Return what people call it: the number, from the second term on with the term behind a stroke."""
        return f"C-{self.number}" if self.term == 1 else f"C-{self.number}/{self.term}"

    @property
    def is_running(self) -> bool:
        """Say whether it is active, under notice or not."""
        return self.state in ("active", "notice_given")

    @property
    def value(self) -> Money | None:
        """Return what each period costs, or None where nothing is said of it."""
        return None if self.value_minor is None or self.currency is None else Money(self.value_minor, self.currency)

    @property
    def yearly(self) -> Money | None:
        """Return what recurs in a year, or None where nothing is said of it."""
        if self.value_minor is None or self.currency is None:
            return None
        return Money(yearly(self.value_minor, self.period), self.currency)

    @property
    def worth(self) -> Money | None:
        """Return what the whole term comes to, of one without an end what a year does."""
        if self.value_minor is None or self.currency is None:
            return None
        return Money(worth(self.value_minor, self.period, self.term_months or 12), self.currency)


class ContractFile(Record):
    """A file of a contract. Its content is the kernel's attachment, sealed."""

    __tablename__ = "sales_contract_file"
    __access__ = Access.via("contract_id", resource="sales.contract")

    contract_id: Mapped[UUID] = field(
        ForeignKey(Contract.id, ondelete="CASCADE"), title=_("Contract"), classified="internal", index=True
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    attachment_id: Mapped[UUID] = field(
        kernel_key(Attachment.id, ondelete="CASCADE"), title=_("File"), classified="internal", unique=True
    )
    filename: Mapped[str] = field(String(255), title=_("File name"), classified="personal")


MODELS: list[type[Any]] = [Contract, ContractFile]
