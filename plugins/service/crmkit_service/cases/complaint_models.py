"""The tables of what only some cases have: how a complaint is handled, and what was done after a sale."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import (
    Access,
    Customer,
    CustomerRecord,
    Id,
    Interaction,
    Money,
    Product,
    Record,
    field,
    json_type,
    kernel_key,
    texts,
)
from crmkit_service.cases.models import Case

_ = texts("crmkit_service")

UPHELD = {"yes": _("Yes"), "partly": _("In part"), "no": _("No")}
"""Whether a complaint was right, with titles."""
REDRESS = {
    "apology": _("Apology"),
    "explanation": _("Explanation"),
    "repair": _("Repair"),
    "replacement": _("Replacement"),
    "refund": _("Refund"),
    "credit": _("Credit"),
    "compensation": _("Compensation"),
    "none": _("None"),
}
"""What a customer who complained is given, with titles."""
ROOT_CAUSES = "complaint_root_cause"
"""The option list of causes."""

AFTER_SALE_KINDS = {
    "repair": _("Repair"),
    "return": _("Return"),
    "replacement": _("Replacement"),
    "installation": _("Installation"),
    "maintenance": _("Maintenance"),
}
"""What is done after a sale, with titles."""
AFTER_SALE_STATES = {
    "planned": _("Planned"),
    "in_progress": _("In progress"),
    "done": _("Done"),
    "cancelled": _("Cancelled"),
}
"""How far something after a sale is, with titles."""
AFTER_SALE_MOVES = {
    "planned": ("in_progress", "done", "cancelled"),
    "in_progress": ("planned", "done", "cancelled"),
    "done": (),
    "cancelled": ("planned",),
}
"""The moves between these states."""


class Complaint(Record):
    """How a complaint is handled: one for each case of that kind, in the terms of ISO 10002.

    ``acknowledged_at`` is when the customer was told that it had come in, an instant of the business's clock.
    ``redress_minor`` is in minor units of ``redress_currency``.
    """

    __tablename__ = "service_complaint"
    __access__ = Access.via("case_id", resource="service.case")

    case_id: Mapped[UUID] = field(
        ForeignKey(Case.id, ondelete="CASCADE"), title=_("Case"), classified="internal", unique=True, editable=False
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    root_cause: Mapped[str | None] = field(
        String(60), title=_("Root cause"), classified="internal", options=ROOT_CAUSES
    )
    upheld: Mapped[str | None] = field(String(6), title=_("Upheld"), classified="internal", choices=UPHELD)
    redress: Mapped[str | None] = field(String(14), title=_("Redress"), classified="internal", choices=REDRESS)
    redress_minor: Mapped[int | None] = field(title=_("Amount of the redress"), classified="internal")
    redress_currency: Mapped[str | None] = field(String(3), title=_("Currency of the redress"), classified="internal")
    granted_at: Mapped[datetime | None] = field(title=_("Redress granted at"), classified="internal", editable=False)
    regulator: Mapped[str | None] = field(String(120), title=_("Regulator"), classified="internal")
    regulator_deadline: Mapped[date | None] = field(title=_("Answer to the regulator by"), classified="internal")
    acknowledged_at: Mapped[datetime | None] = field(title=_("Acknowledged at"), classified="internal", editable=False)
    finding: Mapped[str | None] = field(String(5000), title=_("What was found"), classified="text")

    @property
    def redress_money(self) -> Money | None:
        """Return what the redress costs, or None where that is nothing."""
        if self.redress_minor is None or self.redress_currency is None:
            return None
        return Money(self.redress_minor, self.redress_currency)


class AfterSale(CustomerRecord):
    """Something that is done for a customer after a sale: a repair, a return, an installation.

    It may belong to a case, a purchase and its line, and to a contract (``about``, as ``<resource>:<id>``).
    ``cost_minor`` is what it costs us, in minor units of ``currency``; ``finished_at`` is of the business's clock.
    """

    __tablename__ = "service_after_sale"

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    case_id: Mapped[UUID | None] = field(
        ForeignKey(Case.id, ondelete="SET NULL"), title=_("Case"), classified="internal", index=True
    )
    kind: Mapped[str] = field(String(12), title=_("Kind"), classified="internal", choices=AFTER_SALE_KINDS)
    state: Mapped[str] = field(
        String(12),
        title=_("State"),
        classified="internal",
        choices=AFTER_SALE_STATES,
        default="planned",
        editable=False,
    )
    product_id: Mapped[UUID | None] = field(
        kernel_key(Product.id, ondelete="SET NULL"), title=_("Product"), classified="internal", index=True
    )
    purchase_id: Mapped[UUID | None] = field(
        kernel_key(Interaction.id, ondelete="SET NULL"), title=_("Purchase"), classified="internal", index=True
    )
    purchase_line: Mapped[int | None] = field(Integer, title=_("Line of the purchase"), classified="internal")
    serial: Mapped[str | None] = field(String(120), title=_("Serial number"), classified="internal")
    warranty_until: Mapped[date | None] = field(title=_("Warranty until"), classified="internal")
    about: Mapped[str | None] = field(String(160), title=_("Contract"), classified="internal")
    planned_on: Mapped[date | None] = field(title=_("Planned for"), classified="internal")
    finished_at: Mapped[datetime | None] = field(title=_("Finished at"), classified="internal", editable=False)
    cost_minor: Mapped[int | None] = field(title=_("Cost"), classified="internal")
    currency: Mapped[str | None] = field(String(3), title=_("Currency"), classified="internal")
    work: Mapped[str | None] = field(String(5000), title=_("What was done"), classified="text")

    @property
    def cost(self) -> Money | None:
        """Return what it costs us, or None where that is not known."""
        if self.cost_minor is None or self.currency is None:
            return None
        return Money(self.cost_minor, self.currency)


class MergeRecord(Record):
    """That a case was merged into another one, with what was moved: so that it can be undone while nothing came after.

    ``moved`` are the ids of the messages that went over, ``before`` the state in which the merged case was.
    """

    __tablename__ = "service_merge"
    __access__ = Access.via("case_id", resource="service.case")
    __history__ = False

    case_id: Mapped[UUID] = field(
        ForeignKey(Case.id, ondelete="CASCADE"), title=_("Merged case"), classified="internal", index=True
    )
    into_id: Mapped[UUID] = field(
        ForeignKey(Case.id, ondelete="CASCADE"), title=_("Merged into"), classified="internal", index=True
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    at: Mapped[datetime] = field(title=_("When"), classified="internal")
    before: Mapped[str] = field(String(20), title=_("State before"), classified="internal")
    moved: Mapped[list[str]] = field(json_type(), classified="internal", default=list)
    mark_id: Mapped[UUID] = field(Id, classified="internal")
    """The last thing that had happened to the survivor when it was merged."""
    undone_at: Mapped[datetime | None] = field(title=_("Undone at"), classified="internal")


MODELS: list[type[Any]] = [Complaint, AfterSale, MergeRecord]
