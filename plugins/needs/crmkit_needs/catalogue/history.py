"""What happened to needs, and their numbers. Must not know why anything changes."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import CrmSession, InvalidInput, NotFound, Problem, texts
from crmkit_needs.catalogue.errors import NeedElsewhere
from crmkit_needs.catalogue.models import Need, NeedCounter, NeedEvent

_ = texts("crmkit_needs")

FIRST = 101
"""The first number: one of three digits is not taken for a count of votes."""
_COUNTER = "need"


def ref_of(need: Need) -> str:
    """Return how others refer to a need."""
    return f"needs.need:{need.id}"


def path_of(need: Need) -> str:
    """Return the page of a need."""
    return f"/modules/needs/need?id={need.id}"


def note(
    session: CrmSession,
    need: Need,
    kind: str,
    before: object = None,
    after: object = None,
    *,
    text: str | None = None,
    public: bool = False,
) -> NeedEvent:
    """Write down that something happened to a need; a ``public`` text is what customers read."""
    clock = session.gate.clock
    row = NeedEvent(
        recorded_at=clock.now(),
        need_id=need.id,
        at=clock.business_now(),
        kind=kind,
        before=None if before is None else str(before)[:200],
        after=None if after is None else str(after)[:200],
        public=public,
        text=(text or "").strip()[:4000] or None,
        user_id=session.actor.user_id,
    )
    session.add(row)
    return row


def events_of(session: CrmSession, need_id: UUID) -> Sequence[NeedEvent]:
    """Return what happened to a need, in order."""
    query = select(NeedEvent).where(NeedEvent.need_id == need_id)
    return session.scalars(query.order_by(NeedEvent.at, NeedEvent.id)).all()


def next_number(session: CrmSession, count: int = 1) -> int:
    """Return the next number, the first of ``count`` that are taken at once; whoever else asks waits until it is kept
    or given up."""
    held = select(NeedCounter).where(NeedCounter.name == _COUNTER).with_for_update()
    counter = session.scalar(held)
    if counter is None:
        with contextlib.suppress(IntegrityError), session.begin_nested():
            session.add(NeedCounter(name=_COUNTER, last=FIRST - 1))
        counter = session.scalars(held).one()
    first = counter.last + 1
    counter.last += count
    session.flush()
    return first


def problem(field: str, message: str, **values: object) -> InvalidInput:
    """Return the error for one field."""
    return InvalidInput([Problem(InvalidInput.code, message, field=field, **values)])


def require_here(session: CrmSession, need: Need) -> None:
    """Raise NeedElsewhere for a need that was merged into another one."""
    if need.merged_into_id is not None:
        into = session.get_one(Need, need.merged_into_id)
        raise NeedElsewhere(need.number, into.number)


def need_numbered(session: CrmSession, number: int) -> Need:
    """Return a need by its number. Raises NotFound."""
    found = session.scalars(select(Need).where(Need.number == number)).first()
    if found is None:
        raise NotFound(_("There is no need {number}."), number=number)
    return found


def survivor_of(session: CrmSession, need: Need) -> Need:
    """Return the need that another one was merged into, through as many merges as there were."""
    while need.merged_into_id is not None:
        need = session.get_one(Need, need.merged_into_id)
    return need
