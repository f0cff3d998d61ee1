"""The tables of field rules: the rules, and for whom which of them does not hold."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, field, kernel_key, texts

_ = texts("crmkit_quality")

SEVERITIES = {"info": _("Info"), "warning": _("Warning"), "error": _("Error")}
"""How grave it is where a rule does not hold, with titles, the least first."""
ASPECTS = {
    "completeness": _("Completeness"),
    "validity": _("Validity"),
    "uniqueness": _("Uniqueness"),
    "consistency": _("Consistency"),
    "timeliness": _("Timeliness"),
}
"""What quality is measured in, with titles."""
RULED = {name: title for name, title in ASPECTS.items() if name in ("completeness", "validity", "consistency")}
"""The aspects that a rule can be about."""


class FieldRule(Record):
    """What has to hold of a customer's data: an expression over facts, or one of the checks that are shipped.

    ``valid_when`` or ``check`` says what has to hold, ``applies_when`` for whom; an empty one is everybody. ``shipped``
    rules come with the plugin; an admin can change their severity and switch them off.
    """

    __tablename__ = "quality_rule"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    about: Mapped[str] = field(String(120), title=_("Field"), classified="internal")
    """The field that it is about."""
    severity: Mapped[str] = field(String(8), title=_("Severity"), classified="internal", choices=SEVERITIES)
    aspect: Mapped[str] = field(String(12), title=_("Aspect"), classified="internal", choices=RULED)
    valid_when: Mapped[str] = field(String(4000), title=_("Valid when"), classified="internal", default="")
    applies_when: Mapped[str] = field(String(4000), title=_("Applies when"), classified="internal", default="")
    check: Mapped[str] = field(String(60), title=_("Check"), classified="internal", default="", editable=False)
    enabled: Mapped[bool] = field(title=_("On"), classified="internal", default=True)
    shipped: Mapped[bool] = field(title=_("Shipped"), classified="internal", default=False, editable=False)


class Violation(Record):
    """That a rule does not hold for a customer, since when. It tells no value, and is seen by whom the customer is."""

    __tablename__ = "quality_violation"
    __access__ = Access.via("customer_id")
    __history__ = False

    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal"
    )
    rule: Mapped[str] = field(String(60), title=_("Rule"), classified="internal", editable=False)
    about: Mapped[str] = field(String(120), title=_("Field"), classified="internal", editable=False)
    severity: Mapped[str] = field(
        String(8), title=_("Severity"), classified="internal", choices=SEVERITIES, editable=False
    )
    since: Mapped[datetime] = field(title=_("Since"), classified="internal", editable=False)

    __table_args__ = (
        UniqueConstraint("customer_id", "rule"),
        Index("ix_quality_violation_rule", "rule", "customer_id"),
        Index("ix_quality_violation_since", "since", "id"),
    )
