"""Moments: as of when facts are asked for, by what was known when, and whose days and money count.

Must not know facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import field, frozen

from crmkit.core.business.rates import rate
from crmkit.engines.expressions.surroundings import RateOf, Surroundings
from crmkit.engines.expressions.symbols import FactRef
from crmkit.errors import InvalidInput
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_TICK = timedelta(microseconds=1)


@frozen(kw_only=True)
class Moment:
    """``as_of`` is what had occurred, ``known_at`` what had been recorded, instants in UTC; days are those of ``zone``,
    money is in ``base_currency``. ``present`` says that neither of the two times was asked for, ``converts`` that there
    are exchange rates: without them, money of other currencies is not asked about."""

    as_of: datetime
    known_at: datetime
    zone: str = "UTC"
    base_currency: str | None = None
    present: bool = False
    converts: bool = True
    rate: RateOf | None = field(default=None, eq=False, repr=False)
    kept: Mapping[FactRef, UUID] = field(factory=dict[FactRef, UUID], eq=False, repr=False)
    """The facts that are materialised as of this moment, with the ids of their values."""

    @property
    def today(self) -> date:
        """Return the calendar day of ``as_of`` in the zone."""
        return self.as_of.astimezone(ZoneInfo(self.zone)).date()

    def surroundings(self, dialect: str = "sqlite") -> Surroundings:
        """Return what expressions have to know, for "sqlite" or "postgresql"."""
        return Surroundings(
            as_of=self.as_of, zone=self.zone, base_currency=self.base_currency, dialect=dialect, rate=self.rate
        )


def moment_of(
    session: CrmSession, as_of: date | datetime | None = None, known_at: date | datetime | None = None
) -> Moment:
    """Return a moment; a day stands for its end in the company's zone.

    ``as_of`` is by default the business's present, ``known_at`` the system's. Raises InvalidInput for an instant
    without a time zone.
    """
    config, clock = session.crm.config.get(session), session.gate.clock
    return Moment(
        as_of=clock.business_now() if as_of is None else instant(as_of, config.zone),
        known_at=clock.now() if known_at is None else instant(known_at, config.zone),
        zone=config.zone,
        base_currency=config.base_currency,
        present=as_of is None and known_at is None,
        converts=config.has_rates,
        rate=partial(rate, session),
    )


def instant(value: date | datetime, zone: str) -> datetime:
    """Return an instant in UTC: the value, or the last microsecond of a day in a zone. Raises InvalidInput."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidInput(_("The instant {value} has no time zone."), value=value.isoformat())
        return value.astimezone(UTC)
    try:
        return datetime.combine(value + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC) - _TICK
    except OverflowError:
        raise InvalidInput(_("{value} is too late a day."), value=value.isoformat()) from None
