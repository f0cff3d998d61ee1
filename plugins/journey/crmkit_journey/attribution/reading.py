"""Paths from the stream: which touches came before which conversions, as the reader may see them.

A conversion is an interaction of one kind, a purchase by default; its value is its amount in the base currency at the
rate of its day. Every other interaction that is no purchase, refund or reversal is a touch. What was reversed counts
neither as the one nor as the other. Must not change anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Interaction, InvalidInput, Moment, Period, Refused, moment_of, places, texts
from crmkit.errors import RateMissing
from crmkit_journey.attribution.sharing import Path
from crmkit_journey.attribution.words import By, Way

_ = texts("crmkit_journey")

NO_TOUCHES = ("purchase", "refund")
"""Kinds that are never touches."""
LOOK_BACK = 30


@frozen(kw_only=True)
class Touches:
    """Which touches count for which conversions. ``days`` is how long before a conversion a touch still counts;
    ``conversion`` is the kind of interaction that is one; ``way`` the direction of touches."""

    period: Period
    by: By = "channel"
    days: int = LOOK_BACK
    conversion: str = "purchase"
    way: Way = "any"


@frozen(kw_only=True)
class Found:
    """The paths, those without touches among them; how many conversions had an amount that there is no rate for (their
    value counts as 0); and the currency of the values, None where the company has none."""

    paths: tuple[Path, ...]
    unconverted: int
    currency: str | None

    @property
    def untouched(self) -> tuple[int, int]:
        """Return how many conversions had no touch before them, and their value in minor units."""
        alone = [each for each in self.paths if not each.touches]
        return sum(each.conversions for each in alone), round(sum(each.value for each in alone))


class _Row(NamedTuple):
    customer: UUID
    at: datetime
    kind: str
    channel: str
    amount: int | None
    currency: str | None


def paths_of(session: CrmSession, choice: Touches, moment: Moment | None = None) -> Found:
    """Return a path for each conversion within the period, in the order of customers and times.

    A path has the touches of the look-back before its conversion, whether or not an earlier conversion came after them.
    A customer who was touched within the period and did not convert in it is a path that led to nothing: with the
    touches of the look-back before the last one.

    Raises InvalidInput, and Refused for whoever lacks journey.attribution.read.
    """
    rights = session.guarding.rights
    if not rights.unrestricted and rights.scope("journey.attribution", "read") == "none":
        raise Refused(_("You may not see which touches led to what."), fix=_("Ask for journey.attribution.read."))
    if not 1 <= choice.days <= 3650:
        raise InvalidInput(_("The look-back is {days} days."), fix=_("Use 1 to 3650."), field="days", days=choice.days)
    moment = moment or moment_of(session)
    zone = ZoneInfo(moment.zone)
    begins = datetime.combine(choice.period.first, time.min, zone)
    ends = datetime.combine(min(choice.period.last, date.max - timedelta(days=1)) + timedelta(days=1), time.min, zone)
    paths: list[Path] = []
    unconverted = 0
    worth = _Worth(moment)
    rows = _rows(session, choice, moment, _earlier(begins, choice.days), ends)
    for _customer, group in groupby(rows, key=lambda row: row.customer):
        made, missing = _paths(list(group), choice, begins, worth)
        paths.extend(made)
        unconverted += missing
    return Found(paths=tuple(paths), unconverted=unconverted, currency=moment.base_currency)


class _Worth:
    """Gives amounts in the base currency; each rate is asked for once."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._zone = ZoneInfo(moment.zone)
        self._rates: dict[tuple[str, date], Fraction | None] = {}

    def of(self, row: _Row) -> int | None:
        """Return what a conversion was worth, in minor units; None where there is no rate, 0 where it has no amount."""
        base = self._moment.base_currency
        if row.amount is None or row.currency is None:
            return 0
        if base is None or row.currency == base:
            return row.amount if base is not None else None
        rate = self._rate(row.currency, base, row.at.astimezone(self._zone).date())
        return None if rate is None else round(rate * row.amount)

    def _rate(self, currency: str, base: str, day: date) -> Fraction | None:
        key = (currency, day)
        if key not in self._rates:
            try:
                assert self._moment.rate is not None
                shift = Fraction(10) ** (places(base) - places(currency))
                self._rates[key] = Fraction(self._moment.rate(currency, base, day)) * shift
            except RateMissing:
                self._rates[key] = None
        return self._rates[key]


def _paths(events: Sequence[_Row], choice: Touches, begins: datetime, worth: _Worth) -> tuple[list[Path], int]:
    """Return the paths of one customer, and how many conversions there is no rate for."""
    converted = [place for place, row in enumerate(events) if row.kind == choice.conversion and row.at >= begins]
    if converted:
        values = [worth.of(events[place]) for place in converted]
        found = [
            _path(events[:place], events[place].at, choice, 1, value or 0)
            for place, value in zip(converted, values, strict=True)
        ]
        return found, sum(value is None for value in values)
    touches = [row for row in events if row.kind != choice.conversion]
    if not touches or touches[-1].at < begins:
        return [], 0
    return [_path(touches, touches[-1].at, choice, 0, 0)], 0


def _path(before: Sequence[_Row], at: datetime, choice: Touches, conversions: int, value: int) -> Path:
    since = _earlier(at, choice.days)
    touches = [row for row in before if row.kind != choice.conversion and row.at >= since]
    return Path(
        touches=[row.channel if choice.by == "channel" else row.kind for row in touches],
        conversions=conversions,
        value=value,
        nulls=1 - conversions,
        ages=[(at - row.at).total_seconds() / 86400 for row in touches],
    )


def _rows(session: CrmSession, choice: Touches, moment: Moment, begins: datetime, ends: datetime) -> list[_Row]:
    reversal = aliased(Interaction)
    taken_back = select(reversal.reverses_id).where(reversal.reverses_id.is_not(None))
    touch: list[ColumnElement[bool]] = [Interaction.kind.not_in(NO_TOUCHES)]
    if choice.way != "any":
        touch.append(Interaction.direction == choice.way)
    columns = (
        Interaction.customer_id,
        Interaction.occurred_at,
        Interaction.kind,
        Interaction.channel,
        Interaction.amount_minor,
        Interaction.currency,
    )
    statement = (
        select(*columns)
        .where(
            Interaction.customer_id.is_not(None),
            Interaction.occurred_at >= begins,
            Interaction.occurred_at < ends,
            Interaction.occurred_at <= moment.as_of,
            Interaction.reverses_id.is_(None),
            Interaction.id.not_in(taken_back),
            or_(Interaction.kind == choice.conversion, *([touch[0] & touch[1]] if len(touch) > 1 else touch)),
        )
        .order_by(Interaction.customer_id, Interaction.occurred_at, Interaction.id)
    )
    # Read to the end first: what follows asks for rates.
    return [_Row(*row) for row in session.execute(statement)]


def _earlier(at: datetime, days: int) -> datetime:
    try:
        return at - timedelta(days=days)
    except OverflowError:
        return datetime.min.replace(tzinfo=at.tzinfo)


def merged(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return paths of the same touches as one each, where their ages do not matter: models are faster with them."""
    sums: dict[tuple[str, ...], list[Any]] = defaultdict(lambda: [0, 0, 0])
    for path in paths:
        found = sums[path.touches]
        found[0], found[1], found[2] = found[0] + path.conversions, found[1] + path.value, found[2] + path.nulls
    return tuple(
        Path(touches=touches, conversions=conversions, value=value, nulls=nulls)
        for touches, (conversions, value, nulls) in sorted(sums.items())
    )
