"""The table of friction: how customers fared at steps, as it was counted last night. It names no customer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, ScaledDecimal, field, json_type, texts
from crmkit_experience.friction.words import PARTS

_ = texts("crmkit_experience")


class FrictionStep(Record):
    """A step at which it may be hard for customers, counted over all of them.

    ``step`` is its name, as ``<source>:<step>``. ``parts`` has of "drop", "effort" and "score" how many customers are
    known and hit here and at the other steps of the source, and how much larger the share is here with its interval
    (0 to 1). ``leading`` is the part that counts, ``certain`` whether it is more than chance. ``affected`` is how many
    customers are hit beyond what is usual, ``stake_minor`` what they are worth in minor units of ``currency``.
    """

    __tablename__ = "experience_friction_step"
    __access__ = Access.open()

    step: Mapped[str] = field(String(200), title=_("Step"), classified="internal", unique=True, editable=False)
    source: Mapped[str] = field(String(60), title=_("Source"), classified="internal", editable=False)
    customers: Mapped[int] = field(Integer, title=_("Customers"), classified="internal", editable=False)
    parts: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Shares"), classified="internal", default=dict, editable=False
    )
    leading: Mapped[str | None] = field(
        String(8), title=_("What is hard"), classified="internal", choices=PARTS, editable=False
    )
    certain: Mapped[bool] = field(title=_("More than chance"), classified="internal", default=False, editable=False)
    excess: Mapped[Decimal] = field(
        ScaledDecimal(6), title=_("More than elsewhere"), classified="internal", editable=False
    )
    excess_low: Mapped[Decimal] = field(ScaledDecimal(6), title=_("At least"), classified="internal", editable=False)
    excess_high: Mapped[Decimal] = field(ScaledDecimal(6), title=_("At most"), classified="internal", editable=False)
    affected: Mapped[Decimal] = field(
        ScaledDecimal(6), title=_("Customers beyond the usual"), classified="internal", editable=False
    )
    worth_minor: Mapped[int | None] = field(
        BigInteger, title=_("What its customers are worth"), classified="internal", editable=False
    )
    stake_minor: Mapped[int | None] = field(
        BigInteger, title=_("Value at stake"), classified="internal", editable=False
    )
    currency: Mapped[str | None] = field(String(3), title=_("Currency"), classified="internal", editable=False)
    worth_by: Mapped[str | None] = field(
        String(120), title=_("Worth by the fact"), classified="internal", editable=False
    )
    effort_mean: Mapped[Decimal | None] = field(
        ScaledDecimal(6), title=_("Mean effort"), classified="internal", editable=False
    )
    score_mean: Mapped[Decimal | None] = field(
        ScaledDecimal(6), title=_("Mean score"), classified="internal", editable=False
    )
    place: Mapped[int] = field(Integer, title=_("Place"), classified="internal", default=0, editable=False)
    first_on: Mapped[date] = field(title=_("From"), classified="internal", editable=False)
    last_on: Mapped[date] = field(title=_("To"), classified="internal", editable=False)

    __table_args__ = (Index("ix_experience_friction_step_place", "place"),)


MODELS: list[type[Any]] = [FrictionStep]
