"""What the reports on sales share: their parameters, the titles of what they are divided by, notes on what is missing.

Must not compute figures.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select

from crmkit import Column, CrmSession, Input, Note, Period, Team, User, texts
from crmkit_sales.forecasting.deals import Unconverted
from crmkit_sales.forecasting.rates import BASES
from crmkit_sales.pipelines.pipeline_models import ClosingReason, Competitor, Pipeline, Stage
from crmkit_sales.pipelines.stages import CATEGORIES

_ = texts("crmkit_sales")

NONE = "-"
"""The key of what has no value in the field that a report is divided by."""

By = Literal["stage", "owner", "team", "source", "region", "category", "pipeline"]
BY: Mapping[str, str] = {
    "stage": _("Stage"),
    "owner": _("Owner"),
    "team": _("Team"),
    "source": _("Source"),
    "region": _("Region"),
    "category": _("Forecast category"),
    "pipeline": _("Pipeline"),
}

BasisName = Annotated[
    Literal["deal", "close", "budget"], Input(title=_("Exchange rates"), choices=BASES, classified="internal")
]
PeriodField = Annotated[Period, Input(title=_("Period"), classified="internal")]


@frozen(kw_only=True)
class PeriodParameters:
    """Over which days, and at which exchange rates."""

    period: PeriodField
    basis: BasisName = "close"


def span(session: CrmSession, period: Period) -> tuple[datetime, datetime]:
    """Return the instants between which the days of a period lie in the company's zone; the second is not of it."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    begin = datetime.combine(period.first, time(), zone).astimezone(UTC)
    return begin, datetime.combine(period.last + timedelta(days=1), time(), zone).astimezone(UTC)


def day_in(session: CrmSession, at: datetime) -> date:
    """Return the company's calendar day of an instant."""
    return at.astimezone(ZoneInfo(session.crm.config.get(session).zone)).date()


def users(session: CrmSession, ids: Collection[Any]) -> dict[UUID, str]:
    """Return the names of users by id."""
    wanted = [each for each in ids if isinstance(each, UUID)]
    return {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(wanted)))} if wanted else {}


def titles(session: CrmSession, by: str, keys: Iterable[Any]) -> dict[Any, str]:
    """Return what the values of a field are called that a report is divided by."""
    known: dict[Any, Any] = {}
    listed = list(keys)
    if by == "owner":
        known = dict(users(session, listed))
    elif by == "source":
        known = dict(session.crm.config.get(session).options.get("source", {}))
    elif by == "category":
        known = dict(CATEGORIES)
    elif by in _RECORDS:
        model = _RECORDS[by]
        known = {each.id: getattr(each, "title", None) or each.name for each in session.scalars(select(model))}
    return {key: NOTHING[by] if key in (None, "", NONE) else known.get(key, str(key)) for key in listed}


_RECORDS: Mapping[str, Any] = {
    "stage": Stage,
    "team": Team,
    "pipeline": Pipeline,
    "reason": ClosingReason,
    "competitor": Competitor,
}

NOTHING: Mapping[str, str] = {
    "stage": _("No stage"),
    "owner": _("Nobody"),
    "team": _("No team"),
    "source": _("No source"),
    "region": _("No region"),
    "category": _("No category"),
    "pipeline": _("No pipeline"),
    "reason": _("No reason"),
    "competitor": _("No competitor"),
    "product": _("No product"),
}


def notes(missing: Iterable[Unconverted], base: str | None) -> list[Note]:
    """Return what is to be said of amounts that are in no sum."""
    if base is None:
        return [Note(text=_("No base currency is set, so there are no amounts."))]
    return [
        Note(
            text=_("{count} deals in {currency} could not be converted and are in no amount."),
            values={"count": each.count, "currency": each.currency},
        )
        for each in missing
    ]


def group_column(title: str = "") -> Column:
    """Return the column of what a report is divided by."""
    return Column(name="group", title=title or _("Group"))


KEY = Column(name="key", title=_("Key"), hidden=True)
