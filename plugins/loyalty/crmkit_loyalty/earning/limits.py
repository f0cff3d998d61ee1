"""What rules with a limit have given a customer before. Must not know what is given now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from crmkit import CrmSession
from crmkit_loyalty.earning.computing import Rule, Used
from crmkit_loyalty.earning.models import Contribution
from crmkit_loyalty.programs.models import Program


def day_begins(at: datetime, zone: str) -> datetime:
    """Return the first instant of an instant's day in a zone."""
    local = ZoneInfo(zone)
    return datetime.combine(at.astimezone(local).date(), datetime.min.time(), local)


def limited(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules that have a limit a day or within days."""
    return [rule for rule in rules if rule.cap_day is not None or rule.cap_period is not None]


def used_before(
    session: CrmSession, program: Program, rules: Sequence[Rule], customer_id: UUID, at: datetime
) -> dict[str, Used]:
    """Return what rules with a limit have given a customer before, by their names: on the day, and within the days of
    their limit; by one statement, however many there are."""
    counted = limited(rules)
    if not counted:
        return {}
    begin = day_begins(at, session.business().zone)
    spans = sorted({rule.cap_days for rule in counted})
    since = {days: at - timedelta(days=days) for days in spans}
    total = func.sum(Contribution.points)
    query = (
        select(
            Contribution.rule,
            func.coalesce(total.filter(Contribution.at >= begin), 0),
            *(func.coalesce(total.filter(Contribution.at > since[days]), 0) for days in spans),
        )
        .where(
            Contribution.customer_id == customer_id,
            Contribution.program_id == program.id,
            Contribution.rule.in_([rule.name for rule in counted]),
            Contribution.at >= min(begin, *since.values()),
            Contribution.at <= at,
        )
        .group_by(Contribution.rule)
    )
    rows = {row[0]: row[1:] for row in session.execute(query)}
    places = {days: number for number, days in enumerate(spans, 1)}
    return {
        rule.name: Used(day=int(rows[rule.name][0]), period=int(rows[rule.name][places[rule.cap_days]]))
        for rule in counted
        if rule.name in rows
    }
