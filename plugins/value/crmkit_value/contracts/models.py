"""The table of cohorts under contract: how many began together, and how many there were after each period."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Record, field, json_type, texts

_ = texts("crmkit_value")


class ContractCohort(Record):
    """Customers whose contracts began together: ``counts`` has how many there were at the start and after each period
    of ``period_months``."""

    __tablename__ = "value_contract_cohort"
    __access__ = Access.open(resource="value.cohort")

    name: Mapped[str] = field(String(80), title=_("Name"), classified="internal", unique=True)
    started_on: Mapped[date] = field(title=_("Began on"), classified="internal")
    period_months: Mapped[int] = field(Integer, title=_("Months of a period"), classified="internal")
    counts: Mapped[list[int]] = field(json_type(), title=_("Customers after each period"), classified="internal")


MODELS: list[type[Any]] = [ContractCohort]
