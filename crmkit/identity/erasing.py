"""What an erasure does where customers were merged: with a person goes everything that the person had absorbed, and who
was absorbed is parted from the survivor and erased. Must not know who may be erased."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from sqlalchemy import select

from crmkit.core.customers.models import Customer
from crmkit.core.store.session import CrmSession
from crmkit.i18n import texts
from crmkit.identity.tables import Merge
from crmkit.identity.unmerging import next_of, undo
from crmkit.security.privacy.erasing import carry_out, erase_person
from crmkit.security.privacy.rows import personal_data
from crmkit.security.privacy.tables import Erasure

_ = texts("crmkit")

_merge: Any = cast(Any, Merge).__table__
_erasure: Any = cast(Any, Erasure).__table__


def erase_merged(session: CrmSession, person: UUID) -> None:
    """Erase whom a person had absorbed, so that a backup from before the merge forgets them too; a person who was
    absorbed, as a backup from before the undoing may have it, is parted from the survivor and erased."""
    held = _held_by(session, person)
    if held is not None:
        _part(session, held)
        for each in personal_data(session):
            carry_out(session, each, person)
    for absorbed in _absorbed_by(session, person):
        reason = str(_("Absorbed by {id}, who was erased.")).format(id=person)
        erase_person(session, absorbed, reason)


def _absorbed_by(session: CrmSession, person: UUID) -> list[UUID]:
    known = select(_erasure.c.subject_id)
    query = select(_merge.c.absorbed_id).where(
        _merge.c.survivor_id == person, _merge.c.undone_at.is_(None), _merge.c.absorbed_id.not_in(known)
    )
    return list(session.connection().execute(query).scalars())


def _held_by(session: CrmSession, person: UUID) -> UUID | None:
    """Return the merge by which a person has gone over to somebody who is still there."""
    query = select(_merge.c.id).where(
        _merge.c.absorbed_id == person, _merge.c.undone_at.is_(None), _merge.c.customer_id.is_not(None)
    )
    return cast("UUID | None", session.connection().execute(query).scalar())


def _part(session: CrmSession, merge_id: UUID) -> None:
    """Undo a merge, and before it those that came later."""
    while True:
        merge = session.get_one(Merge, merge_id, populate_existing=True)
        later = next_of(session, merge)
        newest = merge if later is None else session.get_one(Merge, later, populate_existing=True)
        survivor = session.get_one(Customer, cast(UUID, newest.customer_id))
        undo(session, newest, survivor, "keep", "")
        if later is None:
            return
