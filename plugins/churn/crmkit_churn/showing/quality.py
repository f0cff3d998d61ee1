"""How right warnings were, read from what is kept: whole, by what they were about, and by month."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from attrs import field, frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_churn.scoring.models import Departure
from crmkit_churn.watching.judging import Warned, WarningQuality, by_cause, by_month, judge
from crmkit_churn.watching.models import ChurnWarning, WarningRule


@frozen(kw_only=True)
class Qualities:
    """How right warnings were, of those whose days are over; ``waiting`` ones are not judged yet."""

    whole: WarningQuality
    waiting: int
    causes: tuple[WarningQuality, ...] = field(converter=tuple)
    months: tuple[WarningQuality, ...] = field(converter=tuple)


def quality_of_warnings(session: CrmSession, first: date | None = None, last: date | None = None) -> Qualities:
    """Return how right the warnings were that were given between two days, as far as the actor may see them."""
    zone, today = ZoneInfo(session.crm.config.get(session).zone), session.today()
    query = (
        select(ChurnWarning, WarningRule)
        .join(WarningRule, WarningRule.id == ChurnWarning.rule_id)
        .order_by(ChurnWarning.opened_at, ChurnWarning.id)
    )
    judged: list[tuple[Warned, object]] = []
    warned_on: dict[object, list[tuple[date, str]]] = {}
    waiting = 0
    for warning, rule in session.execute(query):
        day = warning.opened_at.astimezone(zone).date()
        warned_on.setdefault(warning.customer_id, []).append((day, warning.cause))
        if (first and day < first) or (last and day > last):
            continue
        if warning.left_on is None and day + timedelta(days=rule.expires_days) > today:
            waiting += 1
            continue
        made = Warned(
            day=day, cause=warning.cause, acted=warning.acted, left_on=warning.left_on, cost_minor=rule.cost_minor
        )
        judged.append((made, warning.customer_id))
    begun = min((day for days in warned_on.values() for day, _cause in days), default=None)
    departures = _departures(session, first or begun, last)
    warned = [each for each, _who in judged]

    def seen(cause: str | None, month: str | None) -> tuple[int, int]:
        those = [(who, since) for who, since in departures if month is None or f"{since:%Y-%m}" == month]
        known = sum(
            any(day <= since and (cause is None or about == cause) for day, about in warned_on.get(who, ()))
            for who, since in those
        )
        return len(those), known

    return Qualities(
        whole=judge("all", warned, *seen(None, None)),
        waiting=waiting,
        causes=[judge(name, some, *seen(name, None)) for name, some in by_cause(warned).items()],
        months=[judge(name, some, *seen(None, name)) for name, some in by_month(warned).items()],
    )


def _departures(session: CrmSession, first: date | None, last: date | None) -> list[tuple[object, date]]:
    """Return who left between two days; before the first warning nobody could have been foreseen."""
    if first is None:
        return []
    query = select(Departure.customer_id, Departure.since).where(Departure.since >= first)
    query = query if last is None else query.where(Departure.since <= last)
    return [(row[0], row[1]) for row in session.execute(query.order_by(Departure.since, Departure.id))]
