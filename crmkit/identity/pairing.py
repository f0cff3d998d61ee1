"""Two customers that somebody wants to merge: found by right, held so that nobody else changes them, and whether they
can be merged at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from crmkit.core.customers.models import Customer
from crmkit.core.privacy.holds import holds_on
from crmkit.core.store.guard.regions import region
from crmkit.core.store.session import CrmSession
from crmkit.errors import AlreadyMerged, CrmkitError, MergeError, NotFound, OnLegalHold, StaleWrite
from crmkit.i18n import texts
from crmkit.identity.records import followed
from crmkit.identity.values import FieldChoice

_ = texts("crmkit")


def other_of(session: CrmSession, absorb: UUID) -> Customer:
    """Return the customer who is to be absorbed. Raises AlreadyMerged for one that was, where its survivor can be seen,
    NotFound for one that there is not or that the session's actor may not see."""
    found: Customer | None = session.get(Customer, absorb)
    if found is not None:
        return found
    raise gone(session, absorb)


def gone(session: CrmSession, customer_id: UUID) -> CrmkitError:
    """Return the error for a customer that is not there, or not any more."""
    with region(session, "who an absorbed customer is now"):
        into = followed(session, [customer_id]).get(customer_id)
    if into is not None:
        survivor = session.get(Customer, into)
        if survivor is not None:
            return AlreadyMerged(
                _("The customer {id} was merged into {into} already."),
                fix=_("Go on with {into}."),
                id=customer_id,
                into=into,
            )
    return NotFound(_("There is no such record: {id}."), id=customer_id)


def refusal(
    session: CrmSession, survivor: Customer, absorbed: Customer, choices: Sequence[FieldChoice]
) -> CrmkitError | None:
    """Return why two customers cannot be merged, or None."""
    if survivor.id == absorbed.id:
        return MergeError(_("A customer cannot be merged with itself."))
    for each in (survivor, absorbed):
        if each.deleted_at is not None:
            return MergeError(
                _("The customer {id} is deleted."), fix=_("Restore it first: crmkit customer restore {id}"), id=each.id
            )
    if survivor.kind != absorbed.kind and not any(each.field == "kind" for each in choices):
        return MergeError(
            _("One of the two is a person and the other an organisation."),
            fix=_("If they are one all the same, choose the field kind."),
        )
    held = holds_on(session, [survivor.id, absorbed.id])
    for hold in held.values():
        return OnLegalHold(since=hold.created_at.date().isoformat(), reason=hold.reason)
    return None


def hold_pair(session: CrmSession, survivor: Customer, absorbed: Customer) -> None:
    """Hold two customers until the transaction ends, and read them as they are now: nothing can be recorded about
    either in the meantime. Raises AlreadyMerged or NotFound for one that has gone, StaleWrite for one that has changed
    since it was read."""
    seen = {each.id: each.version for each in (survivor, absorbed)}
    now = held_versions(session, list(seen))
    for customer_id, version in seen.items():
        if customer_id not in now:
            raise gone(session, customer_id)
        if now[customer_id] != version:
            raise StaleWrite(fix=_("Read it again and repeat the change.")) from StaleDataError()


def held_versions(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Hold customers, always in the same order, and return the version of each that there is."""
    table: Any = Customer.__table__
    query = select(table.c.id, table.c.version).where(table.c.id.in_(ids)).order_by(table.c.id).with_for_update()
    with region(session, "holding the customers that are merged"):
        return {row.id: row.version for row in session.connection().execute(query)}
