"""Caps: when the next message may leave, given what has left. Pure; must not know where that is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from attrs import frozen

from crmkit_messaging.sending.quiet import period_of
from crmkit_messaging.sending.words import EVERY


@frozen(kw_only=True)
class CapTerms:
    """A cap: at most ``number`` messages of a channel and a purpose (``*`` for all) over a calendar day, week or month,
    or over the last ``hours``."""

    channel: str = EVERY
    purpose: str = EVERY
    number: int
    per: str
    hours: int | None = None

    def counts(self, channel: str, purpose: str) -> bool:
        """Say whether a message of a channel and a purpose is one of those that it counts."""
        return self.channel in (EVERY, channel) and self.purpose in (EVERY, purpose)


@frozen(kw_only=True)
class Departure:
    """That a message has left, or may have left: when, by which channel, for which purpose."""

    channel: str
    purpose: str
    left_at: datetime


@frozen(kw_only=True)
class Capped:
    """That a cap is full, and when it lets the next one through; None for never."""

    cap: CapTerms
    until: datetime | None


def capped_until(
    at: datetime, channel: str, purpose: str, caps: Iterable[CapTerms], left: Sequence[Departure], zone: ZoneInfo
) -> Capped | None:
    """Return the cap that holds a message back the longest at an instant, or None where none does. ``left`` are the
    departures of all purposes that are capped."""
    full = [found for cap in caps if cap.counts(channel, purpose) and (found := _full(at, cap, left, zone)) is not None]
    if not full:
        return None
    never = [each for each in full if each.until is None]
    return never[0] if never else max(full, key=lambda each: each.until or at)


def _full(at: datetime, cap: CapTerms, left: Sequence[Departure], zone: ZoneInfo) -> Capped | None:
    if cap.number <= 0:
        return Capped(cap=cap, until=None)
    counted = sorted(each.left_at for each in left if cap.counts(each.channel, each.purpose))
    if cap.per == "hours":
        window = timedelta(hours=cap.hours or 1)
        within = [each for each in counted if each > at - window]
        # Those that come later than this instant count as well: the one that makes it full is the last but so many.
        return None if len(within) < cap.number else Capped(cap=cap, until=within[-cap.number] + window)
    begins, after = period_of(at, cap.per, zone)
    within = [each for each in counted if begins <= each < after]
    return None if len(within) < cap.number else Capped(cap=cap, until=after)
