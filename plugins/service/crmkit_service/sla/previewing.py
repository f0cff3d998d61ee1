"""What another promise would change: open cases folded by it, beside how they stand. Must not change anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from attrs import evolve, frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_service.cases.models import Case
from crmkit_service.sla.choosing import asking, read_book
from crmkit_service.sla.computing import Computed, Computer, keepings
from crmkit_service.sla.hours import Almanac
from crmkit_service.sla.models import Policy
from crmkit_service.sla.recomputing import PHASES
from crmkit_service.sla.terms import Rule, Terms

MOST = 2000
SHOWN = 20


@frozen(kw_only=True)
class Moved:
    """A case whose deadline would be another one, or which would be late or no more late."""

    case_id: UUID
    before: datetime | None
    after: datetime | None
    was_late: bool
    late: bool


@frozen(kw_only=True)
class Preview:
    """What would change of open cases: how many were looked at, how many would be due sooner or later, be late or no
    more late; and some of them, those that would be late first."""

    looked_at: int
    sooner: int
    later: int
    newly_late: int
    saved: int
    moved: Sequence[Moved]


def preview(session: CrmSession, policy: Policy, rules: Sequence[Rule], *, most: int = MOST) -> Preview:
    """Return what terms would change if they held for a policy from now on: of the open cases that are due first, and
    that whoever asks may see."""
    now = session.gate.clock.business_now()
    book = read_book(session)
    versions = list(book.versions.get(policy.id, ()))
    named = tuple(
        rule if rule.calendar or not policy.calendar else evolve(rule, calendar=policy.calendar) for rule in rules
    )
    terms = Terms(policy=policy.name, version=len(versions) + 1, rules=named, policy_id=policy.id)
    other = evolve(book, versions={**book.versions, policy.id: [*versions, (now, terms)]})
    holds = asking(session)
    standing = Computer(book=book, holds=holds, now=now)
    wanted = Computer(book=other, holds=holds, now=now)
    query = select(Case.id).where(Case.phase.in_(PHASES)).order_by(Case.due_at, Case.id).limit(most)
    kept = list(keepings(session, session.scalars(query).all()))
    almanac = Almanac(session, {each.customer_id for each in kept})
    found: list[Moved] = []
    for each in kept:
        calendars = almanac.of(each.customer_id)
        before = standing.compute(each, calendars, choose=False)
        after = wanted.compute(each, calendars, choose=False)
        moved = Moved(
            case_id=each.id, before=_due(before), after=_due(after), was_late=_late(before), late=_late(after)
        )
        if moved.before != moved.after or moved.was_late != moved.late:
            found.append(moved)
    found.sort(key=lambda each: (not (each.late and not each.was_late), each.after or now, each.case_id))
    return Preview(
        looked_at=len(kept),
        sooner=sum(1 for each in found if each.after and (each.before is None or each.after < each.before)),
        later=sum(1 for each in found if each.before and (each.after is None or each.after > each.before)),
        newly_late=sum(1 for each in found if each.late and not each.was_late),
        saved=sum(1 for each in found if each.was_late and not each.late),
        moved=found[:SHOWN],
    )


def _due(found: Computed) -> datetime | None:
    return found.due.due_at if found.due is not None else None


def _late(found: Computed) -> bool:
    return any(each.unmet and each.breached_at is not None for each in found.clocks)
