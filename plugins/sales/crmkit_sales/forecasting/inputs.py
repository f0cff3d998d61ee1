"""The inputs that operations, reports and commands of forecasting share. Must not change anything."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from crmkit import CrmSession, Input, Period, texts
from crmkit_sales.forecasting.errors import NoBaseCurrency
from crmkit_sales.forecasting.measures import MEASURES
from crmkit_sales.forecasting.periods import period_named
from crmkit_sales.forecasting.rates import BASES

_ = texts("crmkit_sales")

PeriodText = Annotated[
    str,
    Input(
        title=_("Period"),
        max_length=24,
        classified="internal",
        help=_("2026-07, 2026-Q3, 2026-07-01..2026-09-30, month, quarter or next quarter"),
    ),
]
BasisName = Annotated[
    Literal["deal", "close", "budget"], Input(title=_("Exchange rates"), choices=BASES, classified="internal")
]
MeasureName = Annotated[
    Literal["closed", "commit", "best_case", "pipeline", "weighted"],
    Input(title=_("Figure"), choices=MEASURES, classified="internal"),
]
OwnerId = Annotated[UUID, Input(title=_("Owner"), resource="user", classified="internal")]
TeamId = Annotated[UUID, Input(title=_("Team"), resource="team", classified="internal")]
PipelineId = Annotated[UUID, Input(title=_("Pipeline"), resource="sales.pipeline", classified="internal")]


def period_of(session: CrmSession, text: str) -> Period:
    """Return the period that a text stands for, by the company's day and fiscal year. Raises InvalidInput."""
    return period_named(text, session.today(), session.crm.config.get(session).fiscal_year_start)


def base_currency(session: CrmSession) -> str:
    """Return the base currency. Raises NoBaseCurrency."""
    base = session.crm.config.get(session).base_currency
    if base is None:
        raise NoBaseCurrency(
            _("A forecast needs a base currency."), fix=_("Set it: crmkit run business.configure base_currency=…")
        )
    return base
