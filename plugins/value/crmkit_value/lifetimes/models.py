"""The table of lifetime values: what each customer is expected to bring, by the model that counted at that time."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Id, Model, field, kernel_key, texts
from crmkit_value.scoring.models import Scoring

_ = texts("crmkit_value")


class LifetimeScore(Model):
    """What a customer is expected to bring, with intervals at 95 % of what the model says (none of what happens).

    ``repeats`` are further days of buying after the first one. Amounts are in minor units of the scoring's currency:
    ``mean_minor`` of a further day so far, ``spend_minor`` what one is expected to be worth, ``clv_minor`` the margin
    of the expected ones within the policy's horizon, discounted. ``expected`` is the number of days of buying in 365
    days. ``next_on`` is the day by which the next one is as likely as not, None where the customer has probably left.
    """

    __tablename__ = "value_lifetime"
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
    repeats: Mapped[int] = field(Integer, title=_("Further days of buying"), classified="internal")
    first_on: Mapped[date] = field(title=_("First purchase"), classified="internal")
    last_on: Mapped[date] = field(title=_("Last purchase"), classified="internal")
    mean_minor: Mapped[int] = field(title=_("Mean of a further day"), classified="internal")
    p_alive: Mapped[float] = field(title=_("P(alive)"), classified="internal")
    p_alive_low: Mapped[float | None] = field(classified="internal")
    p_alive_high: Mapped[float | None] = field(classified="internal")
    expected: Mapped[float] = field(title=_("Expected purchases in a year"), classified="internal")
    expected_low: Mapped[float | None] = field(classified="internal")
    expected_high: Mapped[float | None] = field(classified="internal")
    spend_minor: Mapped[int] = field(title=_("Expected worth of a purchase"), classified="internal")
    clv_minor: Mapped[int] = field(title=_("Lifetime value"), classified="internal")
    clv_low: Mapped[int | None] = field(classified="internal")
    clv_high: Mapped[int | None] = field(classified="internal")
    next_on: Mapped[date | None] = field(title=_("Next purchase"), classified="internal")


MODELS: list[type[Any]] = [LifetimeScore]
