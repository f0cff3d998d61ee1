"""The tables of opportunities: the opportunity, what it is about, and how it stood at each time."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import (
    Access,
    Customer,
    CustomerRecord,
    Id,
    Model,
    Money,
    Product,
    Record,
    ScaledDecimal,
    field,
    kernel_key,
    new_id,
    texts,
)
from crmkit_sales.pipelines.pipeline_models import ClosingReason, Competitor, Pipeline, PipelineVersion, Stage
from crmkit_sales.pipelines.stages import CATEGORIES, CAUSES, KINDS, OPEN_KIND

_ = texts("crmkit_sales")


class Opportunity(CustomerRecord):
    """Something that a customer may buy.

    It keeps to the version of its pipeline in which it began: ``stage`` is the name of its stage there, ``stage_kind``
    whether that is open, won or lost. ``opened_at``, ``stage_since`` and ``closed_at``, which is set while it is won or
    lost, are instants of the business's clock. ``amount_minor`` is in minor units of ``currency``; both are given or
    neither, and where it has lines the amount is theirs.

    ``probability`` (percent) and ``category`` are what somebody says against the stage, or nothing; what counts in a
    forecast is ``effective_probability`` (in hundredths of a percent) and ``effective_category``. ``win_probability``
    (0 to 1) is what the model has learnt.
    """

    __tablename__ = "sales_opportunity"

    number: Mapped[int] = field(Integer, title=_("Number"), classified="internal", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal", searchable=True)
    pipeline_id: Mapped[UUID] = field(
        ForeignKey(Pipeline.id, ondelete="RESTRICT"),
        title=_("Pipeline"),
        classified="internal",
        index=True,
        editable=False,
    )
    version_id: Mapped[UUID] = field(
        ForeignKey(PipelineVersion.id, ondelete="RESTRICT"),
        title=_("Version"),
        classified="internal",
        index=True,
        editable=False,
    )
    stage_id: Mapped[UUID] = field(
        ForeignKey(Stage.id, ondelete="RESTRICT"), title=_("Stage"), classified="internal", index=True, editable=False
    )
    stage: Mapped[str] = field(String(60), classified="internal", editable=False)
    stage_kind: Mapped[str] = field(
        String(4), title=_("State"), classified="internal", choices=KINDS, default=OPEN_KIND, editable=False
    )
    stage_since: Mapped[datetime] = field(title=_("In this stage since"), classified="internal", editable=False)
    amount_minor: Mapped[int | None] = field(title=_("Amount"), classified="internal")
    currency: Mapped[str | None] = field(String(3), title=_("Currency"), classified="internal")
    expected_close: Mapped[date | None] = field(title=_("Expected to close on"), classified="internal")
    probability: Mapped[int | None] = field(Integer, title=_("Own probability (percent)"), classified="internal")
    category: Mapped[str | None] = field(
        String(10), title=_("Own forecast category"), classified="internal", choices=CATEGORIES
    )
    effective_probability: Mapped[int] = field(Integer, classified="internal", default=0, editable=False)
    effective_category: Mapped[str] = field(
        String(10),
        title=_("Forecast category"),
        classified="internal",
        choices=CATEGORIES,
        default="pipeline",
        editable=False,
    )
    win_probability: Mapped[float | None] = field(
        Float, title=_("Probability by the model"), classified="internal", editable=False
    )
    next_step: Mapped[str | None] = field(String(200), title=_("Next step"), classified="internal")
    next_step_on: Mapped[date | None] = field(title=_("Next step on"), classified="internal")
    source: Mapped[str | None] = field(String(60), title=_("Source"), classified="internal", options="source")
    competitor_id: Mapped[UUID | None] = field(
        ForeignKey(Competitor.id, ondelete="SET NULL"), title=_("Competitor"), classified="internal", index=True
    )
    reason_id: Mapped[UUID | None] = field(
        ForeignKey(ClosingReason.id, ondelete="SET NULL"),
        title=_("Reason"),
        classified="internal",
        index=True,
        editable=False,
    )
    external_source: Mapped[str | None] = field(String(60), title=_("System"), classified="internal", editable=False)
    external_id: Mapped[str | None] = field(String(200), title=_("External id"), classified="internal", editable=False)
    opened_at: Mapped[datetime] = field(title=_("Opened at"), classified="internal", editable=False)
    closed_at: Mapped[datetime | None] = field(title=_("Closed at"), classified="internal", editable=False)
    reopened: Mapped[int] = field(
        Integer, title=_("Times opened again"), classified="internal", default=0, editable=False
    )
    lost_reason: Mapped[str | None] = field(
        String(500), title=_("Why it was lost"), classified="sensitive", editable=False
    )

    __table_args__ = (
        Index("ix_sales_opportunity_stage", "stage", "expected_close"),
        Index("ix_sales_opportunity_external", "external_id"),
        Index("ix_sales_opportunity_kind", "stage_kind", "pipeline_id", "stage_id"),
    )

    @property
    def is_open(self) -> bool:
        """Say whether it is neither won nor lost."""
        return self.stage_kind == OPEN_KIND

    @property
    def amount(self) -> Money | None:
        """Return the amount, or None where none is estimated."""
        if self.amount_minor is None or self.currency is None:
            return None
        return Money(self.amount_minor, self.currency)


class OpportunityLine(Record):
    """One thing that an opportunity is about: a product, or a text, so many of it at so much.

    ``unit_price_minor`` and ``amount_minor`` are in minor units of the opportunity's currency, ``discount`` in percent.
    """

    __tablename__ = "sales_opportunity_line"
    __access__ = Access.via("opportunity_id", resource="sales.opportunity")

    opportunity_id: Mapped[UUID] = field(
        ForeignKey(Opportunity.id, ondelete="CASCADE"),
        title=_("Opportunity"),
        classified="internal",
        index=True,
        editable=False,
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    position: Mapped[int] = field(Integer, title=_("Order"), classified="internal", default=0)
    product_id: Mapped[UUID | None] = field(
        kernel_key(Product.id, ondelete="RESTRICT"), title=_("Product"), classified="internal", index=True
    )
    text: Mapped[str] = field(String(300), title=_("Text"), classified="internal", default="")
    quantity: Mapped[Decimal] = field(ScaledDecimal(6), title=_("Quantity"), classified="internal")
    unit_price_minor: Mapped[int] = field(title=_("Price of one"), classified="internal")
    discount: Mapped[Decimal] = field(
        ScaledDecimal(4), title=_("Discount (percent)"), classified="internal", default=Decimal(0)
    )
    amount_minor: Mapped[int] = field(title=_("Amount"), classified="internal", editable=False)


class OpportunityState(Model):
    """How an opportunity stood from an instant on: a row for each operation that changed any of it, never changed.

    ``since`` is of the business's clock, ``recorded_at`` of the system's. ``probability`` (in hundredths of a percent)
    and ``category`` are those that count. Whose it was then sees it. It outlives its
    opportunity, whose last state then says so, and goes with its customer.
    """

    __tablename__ = "sales_opportunity_state"
    __append_only__ = True
    __access__ = Access.owned(resource="sales.opportunity")

    id: Mapped[UUID] = field(classified="internal", primary_key=True, editable=False)
    recorded_at: Mapped[datetime] = field(title=_("Recorded at"), classified="internal", editable=False)
    opportunity_id: Mapped[UUID] = field(Id, title=_("Opportunity"), classified="internal")
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"), title=_("Customer"), classified="internal", index=True
    )
    owner_id: Mapped[UUID | None] = field(Id, title=_("Owner"), classified="internal")
    team_id: Mapped[UUID | None] = field(Id, title=_("Team"), classified="internal")
    since: Mapped[datetime] = field(title=_("Since"), classified="internal")
    cause: Mapped[str] = field(String(8), title=_("Cause"), classified="internal", choices=CAUSES)
    pipeline_id: Mapped[UUID] = field(Id, title=_("Pipeline"), classified="internal")
    stage_id: Mapped[UUID] = field(Id, title=_("Stage"), classified="internal")
    stage: Mapped[str] = field(String(60), title=_("Name of the stage"), classified="internal")
    stage_kind: Mapped[str] = field(String(4), title=_("State"), classified="internal", choices=KINDS)
    stage_since: Mapped[datetime] = field(title=_("In this stage since"), classified="internal")
    category: Mapped[str] = field(String(10), title=_("Forecast category"), classified="internal", choices=CATEGORIES)
    probability: Mapped[int] = field(Integer, title=_("Probability (hundredths of a percent)"), classified="internal")
    amount_minor: Mapped[int | None] = field(title=_("Amount"), classified="internal")
    currency: Mapped[str | None] = field(String(3), title=_("Currency"), classified="internal")
    expected_close: Mapped[date | None] = field(title=_("Expected to close on"), classified="internal")

    __table_args__ = (
        Index("ix_sales_opportunity_state_of", "opportunity_id", "since", "id"),
        Index("ix_sales_opportunity_state_since", "since"),
    )

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)


MODELS: list[type[Any]] = [Opportunity, OpportunityLine, OpportunityState]
