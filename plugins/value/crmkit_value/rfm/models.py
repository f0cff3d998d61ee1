"""The table of RFM scores: how lately, how often and for how much each customer had bought as of a scoring."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Id, Model, field, kernel_key, texts
from crmkit_value.scoring.models import Scoring

_ = texts("crmkit_value")


class RfmScore(Model):
    """The scores of a customer: ``recency_days`` since the last purchase, ``frequency`` purchases, ``monetary_minor``
    in minor units of the scoring's currency, each with its score (the more the better) and the segment they make."""

    __tablename__ = "value_rfm"
    __access__ = Access.via("customer_id", resource="value.score")

    scoring_id: Mapped[UUID] = field(
        Id, ForeignKey(Scoring.id, ondelete="CASCADE"), classified="internal", primary_key=True
    )
    customer_id: Mapped[UUID] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        primary_key=True,
        index=True,
    )
    recency_days: Mapped[int] = field(Integer, title=_("Days since the last purchase"), classified="internal")
    frequency: Mapped[int] = field(Integer, title=_("Purchases"), classified="internal")
    monetary_minor: Mapped[int] = field(title=_("Value"), classified="internal")
    recency: Mapped[int] = field(Integer, title=_("Recency"), classified="internal")
    frequency_score: Mapped[int] = field(Integer, title=_("Frequency"), classified="internal")
    monetary: Mapped[int] = field(Integer, title=_("Monetary"), classified="internal")
    segment: Mapped[str] = field(String(40), title=_("Segment"), classified="internal")


MODELS: list[type[Any]] = [RfmScore]
