"""The table of grades: what each customer was worth as of a scoring, and the grade that this made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Id, Model, field, kernel_key, texts
from crmkit_value.scoring.models import Scoring

_ = texts("crmkit_value")


class Grade(Model):
    """The grade of a customer: ``worth_minor`` by the measure of the policy, in minor units of the scoring's currency;
    ``plain`` is the grade that the boundaries alone would give, without the margin around them."""

    __tablename__ = "value_grade"
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
    worth_minor: Mapped[int] = field(title=_("Worth"), classified="internal")
    grade: Mapped[str] = field(String(1), title=_("Grade"), classified="internal")
    plain: Mapped[str] = field(String(1), title=_("Grade without the margin"), classified="internal")


MODELS: list[type[Any]] = [Grade]
