"""The table of scorings: a computation of scores for all customers as of a day, on which the scores of a room hang."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Id, Record, field, json_type, texts

_ = texts("crmkit_value")

KINDS = {"lifetime": _("Lifetime value"), "rfm": _("Recency, frequency, value"), "grade": _("Grades")}
STATES = {"running": _("Running"), "done": _("Done"), "failed": _("Failed")}


class Scoring(Record):
    """Scores of one kind of all customers, as of the end of ``day`` by what was known at ``known_at``.

    ``recorded_at`` is when it was complete, None until then: nobody sees scores of one that is not. ``rules`` says by
    what it was computed (boundaries, parameters), ``figures`` what came of it; amounts are in minor units of
    ``currency``. Nothing in it is about one customer.
    """

    __tablename__ = "value_scoring"
    __access__ = Access.open(resource="value.score")

    kind: Mapped[str] = field(String(10), title=_("Kind"), classified="internal", choices=KINDS, editable=False)
    state: Mapped[str] = field(
        String(8), title=_("State"), classified="internal", choices=STATES, default="running", editable=False
    )
    day: Mapped[date] = field(title=_("As of"), classified="internal", editable=False)
    as_of: Mapped[datetime] = field(title=_("As of"), classified="internal", editable=False)
    known_at: Mapped[datetime] = field(title=_("As known at"), classified="internal", editable=False)
    recorded_at: Mapped[datetime | None] = field(title=_("Complete at"), classified="internal", editable=False)
    run_id: Mapped[UUID | None] = field(Id, title=_("Model run"), classified="internal", editable=False)
    currency: Mapped[str | None] = field(String(3), title=_("Currency"), classified="internal", editable=False)
    customers: Mapped[int] = field(Integer, title=_("Customers"), classified="internal", default=0, editable=False)
    rules: Mapped[dict[str, Any]] = field(
        json_type(), title=_("By what"), classified="internal", default=dict, editable=False
    )
    figures: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Figures"), classified="internal", default=dict, editable=False
    )

    __table_args__ = (Index("ix_value_scoring_kind", "kind", "as_of", "recorded_at"),)


MODELS: list[type[Any]] = [Scoring]
