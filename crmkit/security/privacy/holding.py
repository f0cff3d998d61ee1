"""Placing and releasing legal holds, and opening what the law keeps of somebody who was erased."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit.core.customers.models import Customer
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.privacy.holds import LegalHold
from crmkit.core.store.clock import system_now
from crmkit.core.store.guard import region
from crmkit.core.store.opening import plain
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput, NotFound, Problem
from crmkit.i18n import texts
from crmkit.security.privacy.tables import Retained

_ = texts("crmkit")

Reason = Annotated[str, Input(title=_("Reason"), max_length=500, classified="internal")]


@frozen(kw_only=True)
class Hold:
    """A legal hold on a customer."""

    id: UUID
    customer_id: UUID
    reason: str
    placed_by: str
    placed_at: datetime
    released_at: datetime | None
    released_by: str | None


@frozen(kw_only=True)
class Parcel:
    """What a law keeps of somebody who was erased: rows of a table as they stood, until a day."""

    table: str
    law: str
    until: date
    rows: tuple[Mapping[str, Any], ...]


@operation("privacy.hold", title=_("Place a legal hold"), permission="privacy.admin")
def place_hold(session: CrmSession, customer: Customer, *, reason: Reason) -> Hold:
    """Forbid that anything of a customer is removed: by hand, by erasure or by the retention schedule."""
    _check(reason)
    hold = LegalHold(customer_id=customer.id, reason=reason, placed_by=session.actor.id)
    with region(session, "placing a legal hold"):
        session.add(hold)
        session.flush()
    return _as_hold(hold)


@operation("privacy.release", title=_("Release the legal holds of a customer"), permission="privacy.admin")
def release_holds(session: CrmSession, customer: Customer, *, reason: Reason) -> int:
    """Release every hold on a customer and return how many there were. Raises NotFound when there is none."""
    _check(reason)
    query = select(LegalHold).where(LegalHold.customer_id == customer.id, LegalHold.released_at.is_(None))
    with region(session, "releasing legal holds"):
        found = session.scalars(query).all()
        if not found:
            raise NotFound(_("No legal hold is on this customer."))
        for hold in found:
            hold.released_at, hold.released_by = system_now(), session.actor.id
        session.flush()
    return len(found)


@operation("privacy.holds", title=_("List legal holds"), permission="privacy.admin")
def list_holds(session: CrmSession, *, released: bool = False) -> list[Hold]:
    """Return the legal holds in the order in which they were placed; ``released`` ones too, if asked for."""
    query = select(LegalHold).order_by(LegalHold.created_at, LegalHold.id)
    if not released:
        query = query.where(LegalHold.released_at.is_(None))
    with region(session, "listing legal holds"):
        return [_as_hold(hold) for hold in session.scalars(query)]


@operation("privacy.open_retained", title=_("Open what a law keeps"), permission="privacy.admin")
def open_retained(session: CrmSession, *, erasure_id: UUID, reason: Reason) -> list[Parcel]:
    """Return what is kept by law of somebody who was erased. Raises NotFound when nothing is (any more)."""
    _check(reason)
    with region(session, "opening what a law keeps"):
        found = session.scalars(select(Retained).where(Retained.erasure_id == erasure_id)).all()
        parcels = [
            Parcel(table=item.table_name, law=item.law, until=item.until, rows=tuple(plain(item, "content")))
            for item in found
        ]
    if not parcels:
        raise NotFound(_("Nothing is kept for this erasure."))
    return parcels


def _check(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput([Problem("CK500", _("This cannot be empty."), field="reason")])


def _as_hold(hold: LegalHold) -> Hold:
    return Hold(
        id=hold.id,
        customer_id=hold.customer_id,
        reason=hold.reason,
        placed_by=hold.placed_by,
        placed_at=hold.created_at,
        released_at=hold.released_at,
        released_by=hold.released_by,
    )


OPERATIONS = [place_hold, release_holds, list_holds, open_retained]
