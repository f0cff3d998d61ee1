"""The limits of a rule: how often it fires for a customer, and in a day.

A limit is taken by a conditional insert, so that two transactions never take the same one; what is undone gives it
back. Days are calendar days in the company's zone, by the system's clock. Must not know conditions or operations.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import and_, select
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.store.guard import region
from crmkit.engines.rules.tables import RuleClaim, RuleCount
from crmkit.errors import DefinitionError, Problem
from crmkit.hooks.rules import Rule
from crmkit.i18n import texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")
_CLAIM = cast(Any, RuleClaim).__table__
_COUNT = cast(Any, RuleCount).__table__

EVER, LAST = "ever", "last"
WHY = "the limits of a rule"
Calendar = Literal["day", "week", "month", "quarter", "year"]
_CALENDAR = ("day", "week", "month", "quarter", "year")
_LENGTH = re.compile(r"(?:(?P<number>[1-9]\d{0,4})\s+)?(?P<unit>minute|hour|day|week)s?")


@frozen(kw_only=True)
class Length:
    """A length of time: calendar days where it is made of days, else exact."""

    days: int = 0
    exact: timedelta = timedelta(0)

    def before(self, now: datetime, zone: str) -> datetime:
        """Return the instant before which something has to lie to be that long ago."""
        if not self.days:
            return now - self.exact + timedelta(microseconds=1)
        day = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=self.days - 1)
        return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@frozen(kw_only=True)
class Limits:
    """What a rule's texts about limits say. ``occasions`` is whether each event counts by itself."""

    occasions: bool = True
    calendar: Calendar | None = None
    ever: bool = False
    lengths: tuple[Length, ...] = ()
    daily_cap: int | None = None

    def period(self, now: datetime, zone: str) -> str | None:
        """Return the name of the period in which the rule fires once, as it is at an instant, or None."""
        if self.ever:
            return EVER
        if self.calendar is None:
            return None
        day = now.astimezone(ZoneInfo(zone)).date()
        return {
            "day": day.isoformat(),
            "week": f"{day.isocalendar().year}-W{day.isocalendar().week:02}",
            "month": f"{day:%Y-%m}",
            "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
            "year": str(day.year),
        }[self.calendar]

    def rested_since(self, now: datetime, zone: str) -> datetime | None:
        """Return the instant before which the rule has to have fired last, or None where that does not matter."""
        return min((length.before(now, zone) for length in self.lengths), default=None)


def limits_of(rule: Rule) -> Limits:
    """Return what a rule says of its limits. Raises DefinitionError for what cannot be read."""
    lengths = [] if rule.cooldown is None else [_length(rule.cooldown, "cooldown")]
    said = "" if rule.once_per is None else rule.once_per.strip()
    whom, _comma, period = (part.strip() for part in said.partition(","))
    if (whom not in ("", "event", "customer")) or (period and whom != "customer") or (said.endswith(",")):
        raise _wrong("once_per", rule.once_per, _('Write "event", "customer" or such as "customer, 30 days".'))
    if whom == "event" and rule.on is None:
        raise _wrong("once_per", rule.once_per, _("A rule with a schedule has no event."))
    calendar = cast("Calendar | None", period if period in _CALENDAR else None)
    if period and calendar is None:
        lengths.append(_length(period, "once_per"))
    if rule.daily_cap is not None and rule.daily_cap < 1:
        raise _wrong("daily_cap", rule.daily_cap, _("This must be at least 1."))
    return Limits(
        occasions=whom in ("", "event"),
        calendar=calendar,
        ever=whom == "customer" and not period,
        lengths=tuple(lengths),
        daily_cap=rule.daily_cap,
    )


def _length(text: str, field: str) -> Length:
    match = _LENGTH.fullmatch(text.strip())
    if match is None:
        raise _wrong(field, text, _('Write a length such as "30 days", "2 weeks" or "12 hours".'))
    number, unit = int(match["number"] or 1), match["unit"]
    if unit in ("day", "week"):
        return Length(days=number * (7 if unit == "week" else 1))
    return Length(exact=timedelta(hours=number) if unit == "hour" else timedelta(minutes=number))


def _wrong(field: str, value: object, hint: str) -> DefinitionError:
    problem = Problem(DefinitionError.code, _("This limit cannot be read."), field=field, value=value, hint=hint)
    return DefinitionError([problem])


# --- taking one ------------------------------------------------------------------------------------------------------


def take(session: CrmSession, rule: str, limits: Limits, customer_id: UUID, now: datetime, zone: str) -> bool:
    """Take a customer's limits for one firing, and say whether there was any left. Somebody else who wants the same one
    waits until this transaction has ended."""
    period, since = limits.period(now, zone), limits.rested_since(now, zone)
    row = {"rule": rule, "customer_id": customer_id, "fired_at": now}
    if period is not None:
        claim = _insert(session, _CLAIM).values(**row, period=period).on_conflict_do_nothing()
        if not _done(session, claim.returning(_CLAIM.c.period)):
            return False
    if since is None:
        return True
    claim = (
        _insert(session, _CLAIM)
        .values(**row, period=LAST)
        .on_conflict_do_update(
            index_elements=["rule", "customer_id", "period"], set_={"fired_at": now}, where=_CLAIM.c.fired_at < since
        )
    )
    return _done(session, claim.returning(_CLAIM.c.period))


def take_of_day(session: CrmSession, rule: str, limits: Limits, day: date) -> bool:
    """Take one of a day's firings, and say whether there was any left."""
    if limits.daily_cap is None:
        return True
    count = (
        _insert(session, _COUNT)
        .values(rule=rule, day=day, fired=1)
        .on_conflict_do_update(
            index_elements=["rule", "day"], set_={"fired": _COUNT.c.fired + 1}, where=_COUNT.c.fired < limits.daily_cap
        )
    )
    return _done(session, count.returning(_COUNT.c.fired))


def used_up(
    session: CrmSession, rule: str, limits: Limits, customer_ids: Iterable[UUID], now: datetime, zone: str
) -> set[UUID]:
    """Return those of some customers for whom the rule has fired too recently to fire again."""
    period, since = limits.period(now, zone), limits.rested_since(now, zone)
    wanted = [] if period is None else [_CLAIM.c.period == period]
    if since is not None:
        wanted.append(and_(_CLAIM.c.period == LAST, _CLAIM.c.fired_at >= since))
    found: set[UUID] = set()
    for condition in wanted:
        query = select(_CLAIM.c.customer_id).where(
            _CLAIM.c.rule == rule, _CLAIM.c.customer_id.in_(list(customer_ids)), condition
        )
        with region(session, WHY):
            found.update(session.connection().execute(query).scalars())
    return found


def _insert(session: CrmSession, table: Any) -> Any:
    dialect = cast(Any, postgresql if session.get_bind().dialect.name == "postgresql" else sqlite)
    return dialect.insert(table)


def _done(session: CrmSession, statement: Any) -> bool:
    with region(session, WHY):
        return session.connection().execute(statement).first() is not None
