"""Operations on root keys: making, promoting and giving up, and wrapping in batches what is under an earlier one.

Each is one transaction and one audit record; `crmkit.security.keys.rotating` runs them to the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import frozen
from sqlalchemy import select, update

from crmkit.core.operations.operation import operation
from crmkit.core.store.clock import system_now
from crmkit.core.store.guard.regions import region
from crmkit.core.store.session import CrmSession
from crmkit.core.vault import rotation
from crmkit.core.vault.known import WHY
from crmkit.core.vault.state import root_keys
from crmkit.errors import KeyMissing, Refused
from crmkit.hooks.ports import ExportableKeys
from crmkit.i18n import texts

_ = texts("crmkit")

ADMIN = "key.admin"
"""The right that everything about keys needs."""


@frozen(kw_only=True)
class RootKeyView:
    """A root key: where it is kept, its state (active, coming, decrypt, retired) and how much is wrapped under it.

    ``present`` says whether it is where it is kept; ``backed_up_at`` when a key backup last took it (UTC).
    """

    id: int
    kind: str
    name: str
    state: str
    data_keys: int
    purpose_keys: int
    present: bool
    created_at: datetime
    backed_up_at: datetime | None


@frozen(kw_only=True)
class Rewrapped:
    """How many keys a batch has wrapped anew, and how many are left."""

    done: int
    left: int


def require_admin(session: CrmSession) -> None:
    """Return when the actor may administer keys. Raises Refused."""
    if session.gate.rights(session).scope("key", "admin") != "all":
        raise Refused(
            _("{actor} may not administer keys."),
            fix=_("It needs the right {permission}."),
            actor=session.actor.name or session.actor.id,
            permission=ADMIN,
        )


def list_root_keys(session: CrmSession) -> Sequence[RootKeyView]:
    """Return the root keys, the oldest first. Raises Refused for who may not administer keys."""
    require_admin(session)
    providers = session.crm.vault.providers
    connection = session.connection()
    with region(connection, WHY):
        rows = connection.execute(select(root_keys).order_by(root_keys.c.id)).all()
        wrapped = rotation.wrapped_under(connection)
    nothing = rotation.Wrapped(data_keys=0, purpose_keys=0)
    found: list[RootKeyView] = []
    for row in rows:
        try:
            present = row.name in providers.of(row.provider).names()
        except KeyMissing:
            present = False
        under = wrapped.get(row.id, nothing)
        found.append(
            RootKeyView(
                id=row.id,
                kind=row.provider,
                name=row.name,
                state=row.state,
                data_keys=under.data_keys,
                purpose_keys=under.purpose_keys,
                present=present,
                created_at=row.created_at,
                backed_up_at=row.backed_up_at,
            )
        )
    return found


def not_backed_up(session: CrmSession) -> Sequence[Any]:
    """Return the root keys in use, with id and name, that no key backup has and that could be in one."""
    providers = session.crm.vault.providers
    connection = session.connection()
    with region(connection, WHY):
        rows = connection.execute(select(root_keys).where(root_keys.c.backed_up_at.is_(None))).all()
        wrapped = rotation.wrapped_under(connection)
    used = (row for row in rows if row.state == "active" or row.id in wrapped)
    return [row for row in used if isinstance(providers.of(row.provider), ExportableKeys)]


@operation("key.prepare", title=_("Make a root key without using it yet"), permission=ADMIN)
def prepare(session: CrmSession) -> int:
    """Make a root key that nothing is wrapped under yet, so that it can be taken to every machine before
    ``key.rotate`` uses it; return its number."""
    vault = session.crm.vault
    with region(session.connection(), WHY):
        root = rotation.prepare(session.connection(), vault.providers)
    vault.changed(session)
    return root.id


@operation("key.rotate", title=_("Change to a new root key"), permission=ADMIN)
def rotate(session: CrmSession) -> int:
    """Wrap new keys under the root key that was prepared, or under a new one, from now on; return its number.

    What is wrapped under the earlier one stays readable, until ``key.rewrap`` has moved it and ``key.retire`` gives
    the earlier one up.
    """
    vault = session.crm.vault
    with region(session.connection(), WHY):
        root = rotation.promote(session.connection(), vault.providers)
    vault.changed(session)
    return root.id


@operation("key.rewrap", title=_("Wrap keys under the present root key"), permission=ADMIN, hidden=True)
def rewrap(session: CrmSession, *, limit: int = rotation.BATCH) -> Rewrapped:
    """Wrap a batch of keys that are under an earlier root key under the present one, and return how many are left."""
    vault = session.crm.vault
    with region(session.connection(), WHY):
        done = rotation.rewrap(session.connection(), vault.providers, limit=max(1, min(limit, 20_000)))
        left = rotation.unfinished(session.connection())
    return Rewrapped(done=done, left=left)


@operation("key.retire", title=_("Give up a root key"), permission=ADMIN, effect="delete")
def retire(session: CrmSession, *, number: int, destroy: bool = False) -> int:
    """Give up a root key that nothing is wrapped under any more, and return how many keys are: none.

    With ``destroy`` it is destroyed where it is kept, too: then backups of the data from before the change to its
    successor can never be read again. Raises NotFound, KeyInUse while anything is wrapped under it, and VaultError when
    it cannot be destroyed from here; then it is not given up either.
    """
    vault = session.crm.vault
    connection = session.connection()
    with region(connection, WHY):
        root = rotation.retire(connection, number)
        left = rotation.wrapped_under(connection).get(number)
    vault.changed(session)
    if destroy:
        # Before the commit, so that a failure is told: should the commit fail, nothing was wrapped under it anyway.
        vault.providers.of(root.provider).destroy(root.name)
    return left.total if left is not None else 0


@operation("key.backup", title=_("Note that keys were backed up"), permission=ADMIN, hidden=True)
def note_backup(session: CrmSession) -> list[int]:
    """Note that the root keys which can be handed over are in a key backup now, and return their numbers.

    `crmkit.security.keys.backups.back_up` runs this in the transaction in which it writes the backup.
    """
    connection = session.connection()
    providers = session.crm.vault.providers
    with region(connection, WHY):
        rows = connection.execute(select(root_keys).where(root_keys.c.state != "retired")).all()
        numbers = [row.id for row in rows if isinstance(providers.of(row.provider), ExportableKeys)]
        connection.execute(update(root_keys).where(root_keys.c.id.in_(numbers)).values(backed_up_at=system_now()))
    return numbers


OPERATIONS = [prepare, rotate, rewrap, retire, note_backup]
"""The operations of this module."""
