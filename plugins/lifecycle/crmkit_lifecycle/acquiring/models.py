"""The table of what sources cost, by days."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, field, texts

_ = texts("crmkit_lifecycle")


class SourceCost(Record):
    """What a source has cost from a day to another, both included, in minor units of ``currency``."""

    __tablename__ = "lifecycle_source_cost"
    __access__ = Access.open()

    source: Mapped[str] = field(
        String(120), title=_("Source"), classified="internal", index=True, options="source", editable=False
    )
    first: Mapped[date] = field(title=_("From"), classified="internal", editable=False)
    last: Mapped[date] = field(title=_("Until"), classified="internal", editable=False)
    amount_minor: Mapped[int] = field(title=_("Cost"), classified="internal")
    currency: Mapped[str] = field(String(3), title=_("Currency"), classified="internal")


MODELS: list[type[Any]] = [SourceCost]
