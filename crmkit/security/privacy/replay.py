"""Forgetting again: after a restore, whoever was erased since the backup was made is erased once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import or_, select

from crmkit.core.operations.operation import operation
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.core.vault.tables import DataKey
from crmkit.i18n import texts
from crmkit.security.privacy.erasing import Certificate, erase_person
from crmkit.security.privacy.erasures import read_list
from crmkit.security.privacy.rows import count, personal_data

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")


@operation("privacy.erase_again", title=_("Erase again after a restore"), permission="privacy.admin", hidden=True)
def erase_again(session: CrmSession, *, subject_id: UUID, reason: str) -> Certificate | None:
    """Erase somebody who stands in the erasure list and has come back with a backup. Returns None where nothing of the
    person is there."""
    with region(session, "forgetting again after a restore"):
        keys: Any = DataKey.__table__
        # Of who was merged into somebody the keys are that one's now; whose they were first never changes.
        own = or_(keys.c.subject_id == subject_id, keys.c.origin_id == subject_id)
        known = session.connection().execute(select(keys.c.id).where(own).limit(1)).first()
        if known is None and not any(count(session, held, subject_id) for held in personal_data(session)):
            return None
        return erase_person(session, subject_id, reason)


def after_restore(crm: CRM) -> int:
    """Erase everybody who stands in the erasure list and is in the restored database; returns how many those were."""
    again = 0
    actor = Actor.system("erasure list after a restore")
    for line in read_list(crm):
        found = crm.run(actor, "privacy.erase_again", {"subject_id": line.subject_id, "reason": line.reason})
        again += found is not None
    return again


OPERATIONS = [erase_again]
