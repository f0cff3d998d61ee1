"""The decision: may a message leave, at once, later or never, and why. Pure: everything that counts is handed in.

Must not touch the database. What it says of a later instant holds by what is known now; it is asked again then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import field, frozen

from crmkit_messaging.sending.caps import CapTerms, Departure, capped_until
from crmkit_messaging.sending.quiet import Quiet, quiet_until
from crmkit_messaging.sending.words import EVERY, OF_ADDRESS

Outcome = Literal["now", "later", "never"]
LOOKS = 400
"""So many times quiet hours and caps may take turns before they count as never ending."""


@frozen(kw_only=True)
class Decision:
    """What becomes of a message: "now", "later" from the instant ``at`` on (UTC), or "never".

    ``reason`` is one of `REASONS`, empty for "now"; ``values`` fill its text and are plain. ``contact_point_id`` is
    where it goes.
    """

    outcome: Outcome
    reason: str = ""
    values: Mapping[str, Any] = field(factory=dict[str, Any])
    at: datetime | None = None
    contact_point_id: UUID | None = None


@frozen(kw_only=True)
class Terms:
    """What a purpose asks: see `crmkit_messaging.sending.models.Policy`. What nothing is said of is strict."""

    needs_consent: bool = True
    quiet: bool = True
    capped: bool = True
    urgent_passes: bool = False


@frozen(kw_only=True)
class Agreed:
    """An entry of the consent ledger that stands: whether it allows, since when, until when."""

    channel: str
    granted: bool
    since: datetime
    entry_id: UUID
    expires_at: datetime | None = None


@frozen(kw_only=True)
class Point:
    """A contact point of the customer's, with the reason for which its address is suppressed, if it is."""

    id: UUID
    preferred: bool = False
    suppressed: str | None = None


@frozen(kw_only=True)
class Situation:
    """Everything that a decision depends on, but the instant.

    ``points`` are the contact points that the channel can use, in the customer's order; ``wanted`` is the one that the
    message is for, if it is for one. ``agreed`` are the entries for the purpose, the last of each channel. ``left``
    are departures of purposes that are capped. Instants are UTC.
    """

    there: bool
    channel: str
    purpose: str
    needs_point: bool = True
    points: Sequence[Point] = ()
    wanted: UUID | None = None
    terms: Terms = Terms()
    agreed: Sequence[Agreed] = ()
    zone: str = "UTC"
    quiet: Sequence[Quiet] = ()
    caps: Sequence[CapTerms] = ()
    left: Sequence[Departure] = ()
    urgent: bool = False
    not_before: datetime | None = None
    expires_at: datetime | None = None


def decide_on(situation: Situation, at: datetime) -> Decision:
    """Decide on a message at an instant (UTC)."""
    if not situation.there:
        return Decision(outcome="never", reason="customer_gone")
    point, refusal = _point(situation)
    if refusal is not None:
        return refusal
    point_id = None if point is None else point.id
    here, held = _next(situation, at)
    if here is None:
        return held
    if situation.expires_at is not None and here >= situation.expires_at:
        return Decision(outcome="never", reason="expired", values={} if here == at else {"held": held.reason})
    refusal = _consent(situation, here)
    if refusal is not None:
        return refusal
    if here > at:
        return Decision(outcome="later", reason=held.reason, values=held.values, at=here, contact_point_id=point_id)
    return Decision(outcome="now", at=at, contact_point_id=point_id)


def _point(situation: Situation) -> tuple[Point | None, Decision | None]:
    """Return where the message goes, or the refusal where it can go nowhere."""
    if not situation.needs_point:
        return None, None
    points = [each for each in situation.points if situation.wanted in (None, each.id)]
    if not points:
        return None, Decision(outcome="never", reason="no_contact_point")
    # Who wants nothing more wants nothing at another address either; an address without a letter-box is passed over.
    about_person = [
        each.suppressed for each in situation.points if each.suppressed and each.suppressed not in OF_ADDRESS
    ]
    usable = [each for each in points if each.suppressed is None]
    if about_person or not usable:
        reason = about_person[0] if about_person else points[0].suppressed
        return None, Decision(outcome="never", reason="suppressed", values={"suppression": reason})
    return next((each for each in usable if each.preferred), usable[0]), None


def _consent(situation: Situation, at: datetime) -> Decision | None:
    """Return the refusal where the ledger does not allow it at an instant: the later entry counts of the channel's own
    and that for every channel."""
    fitting = [each for each in situation.agreed if each.channel in (situation.channel, EVERY)]
    last = max(fitting, key=lambda each: (each.since, each.entry_id), default=None)
    if last is not None and not last.granted:
        return Decision(outcome="never", reason="withdrawn")
    if not situation.terms.needs_consent:
        return None
    if last is None:
        return Decision(outcome="never", reason="no_consent")
    if last.expires_at is not None and last.expires_at <= at:
        return Decision(outcome="never", reason="consent_expired")
    return None


def _next(situation: Situation, at: datetime) -> tuple[datetime | None, Decision]:
    """Return the first instant at which neither the message's own time, quiet hours nor caps hold it, with what holds
    it first; no instant where something always will."""
    terms, zone = situation.terms, ZoneInfo(situation.zone)
    held = Decision(outcome="now")
    here = at

    def hold(reason: str, **values: Any) -> Decision:
        # What holds it now is what is said: the rest is in the instant.
        return held if held.reason else Decision(outcome="later", reason=reason, values=values)

    if situation.not_before is not None and situation.not_before > here:
        here, held = situation.not_before, hold("not_before")
    passes = situation.urgent and terms.urgent_passes
    hours = situation.quiet if terms.quiet and not passes else ()
    for _turn in range(LOOKS):
        awake = quiet_until(here, hours, zone)
        if awake is None:
            return None, Decision(outcome="never", reason="always_quiet")
        if awake > here:
            here, held = awake, hold("quiet_hours", zone=situation.zone)
        full = (
            capped_until(here, situation.channel, situation.purpose, situation.caps, situation.left, zone)
            if terms.capped
            else None
        )
        if full is None:
            return here, held
        if full.until is None:
            return None, Decision(outcome="never", reason="cap_of_none")
        cap = full.cap
        values = {"number": cap.number, "per": cap.per, "hours": cap.hours, "channel": cap.channel}
        here, held = full.until, hold("capped", **values, purpose=cap.purpose)
    return None, Decision(outcome="never", reason="always_quiet")
