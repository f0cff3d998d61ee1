"""The table of sales: opportunities."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped

from crmkit import CustomerRecord, Money, field, texts
from crmkit_sales.stages import FIRST, OPEN, STAGES

_ = texts("crmkit_sales")


class Opportunity(CustomerRecord):
    """Something that a customer may buy.

    ``stage`` is one of `crmkit_sales.stages.STAGES`; ``opened_at`` and
    ``closed_at``, which is set while it is won or lost, are instants of the business's clock. ``amount_minor`` is
    in minor units of ``currency``; both are given or neither.
    """

    __tablename__ = "sales_opportunity"

    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal", searchable=True)
    stage: Mapped[str] = field(
        String(20), title=_("Stage"), classified="internal", choices=STAGES, default=FIRST, editable=False
    )
    amount_minor: Mapped[int | None] = field(title=_("Amount"), classified="internal")
    currency: Mapped[str | None] = field(String(3), title=_("Currency"), classified="internal")
    expected_close: Mapped[date | None] = field(title=_("Expected to close on"), classified="internal")
    opened_at: Mapped[datetime] = field(title=_("Opened at"), classified="internal", editable=False)
    closed_at: Mapped[datetime | None] = field(title=_("Closed at"), classified="internal", editable=False)
    lost_reason: Mapped[str | None] = field(
        String(500), title=_("Why it was lost"), classified="sensitive", editable=False
    )

    __table_args__ = (Index("ix_sales_opportunity_stage", "stage", "expected_close"),)

    @property
    def is_open(self) -> bool:
        """Say whether it is neither won nor lost."""
        return self.stage in OPEN

    @property
    def amount(self) -> Money | None:
        """Return the amount, or None where none is estimated."""
        if self.amount_minor is None or self.currency is None:
            return None
        return Money(self.amount_minor, self.currency)
