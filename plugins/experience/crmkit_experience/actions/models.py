"""The table of improvement actions: what was done about a friction, and what came of it. It names no customer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, ScaledDecimal, User, field, kernel_key, texts
from crmkit_experience.actions.words import BETTER, METHODS, MODES, STATES, VERDICTS
from crmkit_experience.friction.words import PARTS

_ = texts("crmkit_experience")


class ImprovementAction(Record):
    """What was done about a step that is hard for customers.

    ``step`` is the step of the friction list, ``audience`` a condition about customers for whom it was done (as of the
    start), ``compared_with`` one for those with whom they are compared. ``measure`` is a fact or a condition; without
    one it is the share ``part`` of the step. A number's ``mode`` says whether what was added in ``days`` days counts,
    or how it stood. ``better`` says which direction is good. ``experiment`` names an experiment of the kernel whose
    verdict is taken over.

    What came of it, once ``days`` after ``starts_on`` are over: by which ``method``, the measure ``before`` and
    ``after``, the ``effect`` with its interval of 95 % (the difference, less that of the comparison group), of how many
    customers, and the ``verdict``.
    """

    __tablename__ = "experience_action"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal")
    hypothesis: Mapped[str] = field(String(2000), title=_("What it is to change"), classified="internal")
    step: Mapped[str | None] = field(String(200), title=_("Step"), classified="internal", editable=False)
    audience: Mapped[str] = field(String(1000), title=_("For whom"), classified="internal", editable=False)
    compared_with: Mapped[str | None] = field(
        String(1000), title=_("Compared with"), classified="internal", editable=False
    )
    measure: Mapped[str | None] = field(String(1000), title=_("Measure"), classified="internal", editable=False)
    part: Mapped[str | None] = field(
        String(8), title=_("Share of the step"), classified="internal", choices=PARTS, editable=False
    )
    mode: Mapped[str] = field(
        String(6), title=_("What counts"), classified="internal", choices=MODES, default="added", editable=False
    )
    better: Mapped[str] = field(
        String(4), title=_("What is better"), classified="internal", choices=BETTER, default="up", editable=False
    )
    days: Mapped[int] = field(Integer, title=_("Days compared"), classified="internal", default=30, editable=False)
    experiment: Mapped[str | None] = field(String(120), title=_("Experiment"), classified="internal", editable=False)
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=STATES, default="planned", editable=False
    )
    starts_on: Mapped[date | None] = field(title=_("Starts on"), classified="internal", editable=False)
    ended_on: Mapped[date | None] = field(title=_("Ended on"), classified="internal", editable=False)
    learnt: Mapped[str | None] = field(String(2000), title=_("What was learnt"), classified="internal")
    method: Mapped[str | None] = field(
        String(12), title=_("Compared by"), classified="internal", choices=METHODS, editable=False
    )
    before: Mapped[Decimal | None] = field(ScaledDecimal(6), title=_("Before"), classified="internal", editable=False)
    after: Mapped[Decimal | None] = field(ScaledDecimal(6), title=_("After"), classified="internal", editable=False)
    effect: Mapped[Decimal | None] = field(ScaledDecimal(6), title=_("Effect"), classified="internal", editable=False)
    effect_low: Mapped[Decimal | None] = field(
        ScaledDecimal(6), title=_("At least"), classified="internal", editable=False
    )
    effect_high: Mapped[Decimal | None] = field(
        ScaledDecimal(6), title=_("At most"), classified="internal", editable=False
    )
    customers: Mapped[int | None] = field(Integer, title=_("Customers"), classified="internal", editable=False)
    others: Mapped[int | None] = field(Integer, title=_("Compared customers"), classified="internal", editable=False)
    verdict: Mapped[str | None] = field(
        String(8), title=_("Verdict"), classified="internal", choices=VERDICTS, editable=False
    )
    measured_on: Mapped[date | None] = field(title=_("Measured on"), classified="internal", editable=False)

    __table_args__ = (Index("ix_experience_action_state", "state", "starts_on"),)


MODELS: list[type[Any]] = [ImprovementAction]
