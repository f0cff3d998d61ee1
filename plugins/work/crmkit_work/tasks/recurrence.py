"""Rules of repetition of RFC 5545 on the clock of a time zone: which instant comes next.

Pure computation; must not know tables. A rule counts from a start and keeps that one's time on the wall, also across
changes of the clocks: nine in the morning stays nine in the morning. A time that a change skips is the instant of that
change, one that it repeats is the first of the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import frozen

from crmkit import InvalidInput, Problem, texts

_ = texts("crmkit_work")

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
PARTS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}
    | {f"BY{part}" for part in ("DAY", "MONTH", "MONTHDAY", "YEARDAY", "WEEKNO", "SETPOS", "HOUR", "MINUTE")}
)
HORIZON = timedelta(days=30 * 366)
"""How far from its start on a rule is followed."""
MOST = 10_000
"""Most instants that a rule is followed for; one of a rule that has more is never reached."""


@frozen(kw_only=True)
class Recurrence:
    """A rule with its start (UTC) and the zone on whose clock it counts."""

    rule: str
    start: datetime
    zone: str

    def instants(self) -> Iterator[datetime]:
        """Give the instants of the rule in UTC, in order, each once; the start is one of them if the rule says so."""
        from dateutil.rrule import rrulestr

        zone = ZoneInfo(self.zone)
        wall = self.start.astimezone(zone).replace(tzinfo=None)
        kept, count, until = _split(self.rule, zone)
        found = rrulestr(kept, dtstart=wall)
        horizon = wall + HORIZON
        found = found.replace(until=min(horizon, until) if until is not None else horizon)
        before: datetime | None = None
        for place, each in enumerate(found):
            if place >= MOST or (count is not None and place >= count):
                return
            at = on_wall(each, zone)
            # Two times on the wall that a change of the clocks makes one.
            if before is None or at > before:
                yield at
                before = at

    def after(self, moment: datetime) -> datetime | None:
        """Return the first instant after a moment, or None where there is none any more."""
        return next((at for at in self.instants() if at > moment), None)

    def between(self, after: datetime, until: datetime) -> list[datetime]:
        """Return the instants after a moment up to another one, which belongs to them."""
        found: list[datetime] = []
        for at in self.instants():
            if at > until:
                break
            if at > after:
                found.append(at)
        return found


def on_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant in UTC of a time on the wall."""
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    # Skipped: the instant of the change lies between what either offset makes of it.
    low, high = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), found
    low, high = min(low, high), max(low, high)
    offset = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        middle = middle.replace(microsecond=0)
        if middle <= low:
            break
        low, high = (low, middle) if middle.astimezone(zone).utcoffset() == offset else (middle, high)
    return high.replace(microsecond=0)


def check_rule(rule: str, *, field: str) -> str:
    """Return a rule as it is kept, without spaces and in capitals. Raises InvalidInput for what is no rule of RFC 5545,
    and for one that repeats within the hour or never."""
    text = "".join(rule.split()).upper().removeprefix("RRULE:")
    try:
        _split(text, ZoneInfo("UTC"))
        recurrence = Recurrence(rule=text, start=datetime(2024, 1, 1, 9, tzinfo=UTC), zone="UTC")
        if "UNTIL=" not in text and next(recurrence.instants(), None) is None:
            raise ValueError("never")
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, IndexError) as error:
        hint = _("Such as FREQ=WEEKLY;BYDAY=MO,FR or FREQ=MONTHLY;BYMONTHDAY=1;COUNT=12.")
        message = _('"{rule}" is no rule of repetition.')
        raise InvalidInput([Problem(InvalidInput.code, message, field=field, hint=hint, rule=rule[:80])]) from error
    return text


def check_zone(zone: str) -> str:
    """Return the name of a time zone. Raises InvalidInput for what is none."""
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        message = _('"{zone}" is no time zone.')
        raise InvalidInput([Problem(InvalidInput.code, message, field="zone", zone=zone[:80])]) from error


def _split(rule: str, zone: ZoneInfo) -> tuple[str, int | None, datetime | None]:
    """Return a rule without its end, after how many it ends, and after which time on the wall."""
    parts: dict[str, str] = {}
    for part in rule.removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name not in PARTS or name in parts:
            raise ValueError(part)
        parts[name] = value
    if parts.get("FREQ") not in FREQUENCIES:
        raise ValueError("FREQ")
    if int(parts.get("INTERVAL", "1")) < 1:
        raise ValueError("INTERVAL")
    count = parts.pop("COUNT", None)
    until = parts.pop("UNTIL", None)
    if count is not None and (until is not None or int(count) < 1):
        raise ValueError("COUNT")
    kept = ";".join(f"{name}={value}" for name, value in parts.items())
    return kept, None if count is None else int(count), None if until is None else _until(until, zone)


def _until(text: str, zone: ZoneInfo) -> datetime:
    if len(text) == 8:
        return datetime.strptime(text, "%Y%m%d").replace(hour=23, minute=59, second=59)  # noqa: DTZ007 - on the wall
    found = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - on the wall
    return found.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if text.endswith("Z") else found
