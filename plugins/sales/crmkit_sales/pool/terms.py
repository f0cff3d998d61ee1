"""When a held customer goes back to its pool, and why. Pure: instants and terms in, an answer out."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import frozen


@frozen(kw_only=True)
class Terms:
    """What a pool asks of whoever holds a customer, in days; None asks nothing."""

    no_contact_days: int | None = None
    no_deal_days: int | None = None


@frozen(kw_only=True)
class Due:
    """When a customer goes back (an instant), and for which reason: ``no_contact`` or ``no_deal``."""

    at: datetime
    reason: str


def due(
    terms: Terms,
    *,
    since: datetime,
    last_contact: datetime | None,
    last_deal: datetime | None,
    protected_until: datetime | None,
) -> Due | None:
    """Return when a customer held ``since`` goes back, or None where the terms never ask for it.

    Days count from when it came to its holder, or from the last contact or deal if that is later. While it is
    protected it stays: what falls due meanwhile is due at the end of the protection. Of two reasons the earlier counts,
    of two at once the missing contact.
    """
    found: list[Due] = []
    for days, last, reason in (
        (terms.no_contact_days, last_contact, "no_contact"),
        (terms.no_deal_days, last_deal, "no_deal"),
    ):
        if days is not None:
            start = since if last is None else max(since, last)
            at = start + timedelta(days=days)
            found.append(Due(at=at if protected_until is None else max(at, protected_until), reason=reason))
    return min(found, key=lambda each: each.at, default=None)


def cooling_until(days: int, lost_at: datetime | None, now: datetime) -> datetime | None:
    """Return until when whoever lost a customer may not claim it again, or None where that is over."""
    if lost_at is None:
        return None
    until = lost_at + timedelta(days=days)
    return until if until > now else None
