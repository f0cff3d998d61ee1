"""Whether somebody can take a piece of work: one verdict for each candidate, with the first reason that stands in the
way.

Pure computation; must not know databases. The order is that in which people ask: is it theirs, are they there, can they
do it, have they room.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import attrs
from attrs import frozen

from crmkit_work.assignment.values import Availability, Reason


@frozen(kw_only=True)
class Standing:
    """What holds of a person at an instant, whatever the work: the account, presence, absence, open work, abilities.

    ``opens_at`` is when the person is at work again (UTC); ``at_work`` is true for somebody without a calendar.
    """

    user_id: UUID
    name: str = ""
    active: bool = True
    presence: str = "available"
    presence_until: datetime | None = None
    absent_until: datetime | None = None
    deputy_id: UUID | None = None
    at_work: bool = True
    opens_at: datetime | None = None
    load: int = 0
    capacity: int | None = None
    skills: Mapping[str, int] = attrs.field(factory=dict[str, int])
    languages: Collection[str] = ()


@frozen(kw_only=True)
class Demand:
    """What a piece of work asks of whoever takes it."""

    skills: Mapping[str, int] = attrs.field(factory=dict[str, int])
    languages: Collection[str] = ()
    exclude: Collection[UUID] = ()
    in_hours: bool = True


@frozen(kw_only=True)
class Candidate:
    """A person as somebody to choose: with the limits of the queue, and what they got today."""

    standing: Standing
    weight: int = 1
    capacity: int | None = None
    limit: int | None = None
    taken: int = 0
    more: int = 0
    """Open work that is registered nowhere."""

    @property
    def load(self) -> int:
        """Return how much open work the person has."""
        return self.standing.load + self.more


def presence_of(standing: Standing, at: datetime, *, in_hours: bool = True) -> Availability:
    """Say whether somebody is there at an instant."""
    if not standing.active:
        return Availability(present=False, reason="inactive")
    if standing.absent_until is not None:
        return Availability(present=False, reason="absent", until=standing.absent_until, deputy_id=standing.deputy_id)
    said = standing.presence_until is None or at < standing.presence_until
    if said and standing.presence != "available":
        return Availability(present=False, reason=standing.presence, until=standing.presence_until)
    if in_hours and not standing.at_work:
        return Availability(present=False, reason="off_hours", until=standing.opens_at)
    return Availability(present=True)


def verdict(candidate: Candidate, demand: Demand, at: datetime) -> Reason | None:
    """Return why somebody cannot take the work, or None."""
    standing = candidate.standing
    if not standing.active:
        return Reason(code="inactive")
    if standing.user_id in demand.exclude:
        return Reason(code="excluded")
    there = presence_of(standing, at, in_hours=demand.in_hours)
    if not there.present:
        return Reason(code=there.reason, values={"until": _instant(there.until)})
    return _ability(standing, demand) or _room(candidate)


def _ability(standing: Standing, demand: Demand) -> Reason | None:
    for skill, needed in sorted(demand.skills.items()):
        has = standing.skills.get(skill, 0)
        if has < needed:
            return Reason(code="lacks_skill", values={"skill": skill, "needed": needed, "has": has})
    for language in demand.languages:
        if not any(speaks(own, language) for own in standing.languages):
            return Reason(code="lacks_language", values={"language": language})
    return None


def _room(candidate: Candidate) -> Reason | None:
    capacity = candidate.capacity if candidate.capacity is not None else candidate.standing.capacity
    if capacity is not None and candidate.load >= capacity:
        return Reason(code="at_capacity", values={"load": candidate.load, "capacity": capacity})
    if candidate.limit is not None and candidate.taken >= candidate.limit:
        return Reason(code="daily_limit", values={"taken": candidate.taken, "limit": candidate.limit})
    return None


def speaks(own: str, wanted: str) -> bool:
    """Say whether a language somebody speaks does for one that is wanted: "zh-Hans" for "zh", and "zh" for
    "zh-Hans"."""
    first, second = own.replace("_", "-").casefold(), wanted.replace("_", "-").casefold()
    return first == second or first.startswith(f"{second}-") or second.startswith(f"{first}-")


def _instant(at: datetime | None) -> str:
    return at.isoformat() if at is not None else "–"
