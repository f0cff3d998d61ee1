"""Who has which tier: pure computation on days and numbers. Must not know the database.

A tier is reached at once, in the period that runs; it is then good until the end of the period after that one (for
months that roll: so many months). When that is over it is kept where the last period has what keeping it takes, else
there is a grace, and then the way down. What it takes to keep a tier can be less than what it takes to reach it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from attrs import frozen

from crmkit_loyalty.ledger.expiry import months_later

Figures = Mapping[str, Decimal]


@frozen(kw_only=True)
class Step:
    """A tier: its level, the lowest being 0, and what it takes to reach and to keep it, by metric; all of it counts."""

    name: str
    level: int
    reach: Figures
    keep: Figures


@frozen(kw_only=True)
class Ladder:
    """How tiers are won and lost; see `TierPolicy` for what the fields mean."""

    steps: Sequence[Step]
    window: str = "calendar_year"
    months: int = 12
    downgrade: str = "period_end"
    grace_days: int = 0
    landing: str = "recompute"


@frozen(kw_only=True)
class Held:
    """The tier that somebody has, since when, and through which day it is good; None: for ever."""

    step: Step
    since: date
    until: date | None


@frozen(kw_only=True)
class Decided:
    """The tier that somebody has from a day on, and why."""

    step: Step
    since: date
    until: date | None
    reason: str


def period_of(ladder: Ladder, day: date, joined: date) -> tuple[date, date]:
    """Return the first and the last day of the period in which a day lies; of months that roll, those up to it."""
    if ladder.window == "rolling":
        return months_later(day, -ladder.months) + timedelta(days=1), day
    if ladder.window == "calendar_year":
        return date(day.year, 1, 1), date(day.year, 12, 31)
    years = day.year - joined.year
    while months_later(joined, 12 * years) > day:
        years -= 1
    return months_later(joined, 12 * years), months_later(joined, 12 * (years + 1)) - timedelta(days=1)


def good_until(ladder: Ladder, day: date, joined: date) -> date | None:
    """Return through which day a tier is good that is reached on a day."""
    if ladder.downgrade == "never":
        return None
    if ladder.window == "rolling":
        return months_later(day, ladder.months)
    _first, last = period_of(ladder, day, joined)
    return period_of(ladder, last + timedelta(days=1), joined)[1]


def reached(steps: Sequence[Step], figures: Figures) -> Step:
    """Return the highest tier that figures reach; the lowest one takes nothing."""
    return max((each for each in steps if meets(each.reach, figures)), key=lambda each: each.level, default=steps[0])


def meets(wanted: Figures, figures: Figures) -> bool:
    """Say whether figures are what is wanted, or more."""
    return all(figures.get(name, Decimal(0)) >= number for name, number in wanted.items())


def missing(wanted: Figures, figures: Figures) -> dict[str, Decimal]:
    """Return what is lacking of each figure."""
    lacking = {name: number - figures.get(name, Decimal(0)) for name, number in wanted.items()}
    return {name: number for name, number in lacking.items() if number > 0}


def decide(
    ladder: Ladder,
    held: Held | None,
    today: date,
    joined: date,
    figures: Callable[[date, date], Figures],
) -> Decided | None:
    """Return the tier that somebody gets today, None where nothing changes. ``figures`` counts the metrics of a span of
    days, its first and last day."""
    first, last = period_of(ladder, today, joined)
    now = reached(ladder.steps, figures(first, min(last, today)))
    if held is None:
        reason = "reached" if now.level else "joined"
        return Decided(step=now, since=today, until=_until(ladder, now, today, joined), reason=reason)
    if now.level > held.step.level:
        return Decided(step=now, since=today, until=_until(ladder, now, today, joined), reason="reached")
    if held.until is None or today <= held.until:
        return None
    before = figures(*period_of(ladder, held.until, joined))
    if meets(held.step.keep, before) or now.level == held.step.level:
        until = _until(ladder, held.step, held.until, joined)
        while until is not None and until < today:
            until = _until(ladder, held.step, until + timedelta(days=1), joined)
        return Decided(step=held.step, since=held.since, until=until, reason="kept")
    if today <= held.until + timedelta(days=ladder.grace_days):
        return None
    if ladder.landing == "one_down":
        lower = [each for each in ladder.steps if each.level < held.step.level]
        step = max(lower, key=lambda each: each.level, default=held.step)
    else:
        step = reached(ladder.steps, before)
        step = step if step.level < held.step.level else held.step
    step = max(step, now, key=lambda each: each.level)
    return Decided(step=step, since=today, until=_until(ladder, step, today, joined), reason="lost")


def _until(ladder: Ladder, step: Step, day: date, joined: date) -> date | None:
    """Return through which day a tier is good; the lowest one cannot be lost."""
    if step.level == min(each.level for each in ladder.steps):
        return None
    return good_until(ladder, day, joined)
