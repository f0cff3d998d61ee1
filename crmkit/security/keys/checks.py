"""What ``crmkit doctor`` says of keys: whether they are there and right, backed up, and all in use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from crmkit.core.store.guard.regions import region
from crmkit.core.store.session import CrmSession
from crmkit.core.vault import rotation
from crmkit.core.vault.known import WHY
from crmkit.core.vault.rows import data_keys
from crmkit.core.vault.state import check_root, read_roots
from crmkit.errors import VaultError
from crmkit.hooks.contributions import Check, Finding
from crmkit.i18n import texts
from crmkit.security.keys.indexes import index_versions, tokens_left
from crmkit.security.keys.operations import not_backed_up

_ = texts("crmkit")


def examine_keys(session: CrmSession) -> Sequence[Finding]:
    """Try every root key that something is wrapped under, and look for changes that were not finished."""
    return list(_root_keys(session)) + list(_unfinished(session))


def _root_keys(session: CrmSession) -> Iterator[Finding]:
    vault = session.crm.vault
    connection = session.connection()
    instance = vault.state(session).instance
    with region(connection, WHY):
        roots, wrapped = read_roots(connection), rotation.wrapped_under(connection)
    used = [root for root in roots.values() if root.state == "active" or root.id in wrapped]
    broken = 0
    for root in used:
        try:
            check_root(vault.providers, instance, root)
        except VaultError as error:
            broken += 1
            yield Finding(
                level="error",
                code="key.unusable",
                message=error.message,
                hint=error.fix or "",
                values=dict(error.values),
            )
    if not broken:
        yield Finding(
            level="ok",
            code="key.usable",
            message=_("{count} root keys are where they are kept, and the right ones."),
            values={"count": len(used)},
        )


def _unfinished(session: CrmSession) -> Iterator[Finding]:
    connection = session.connection()
    with region(connection, WHY):
        left = rotation.unfinished(connection)
    if left:
        yield Finding(
            level="warning",
            code="key.rotation",
            message=_("{count} keys are still wrapped under an earlier root key."),
            hint=_("Finish the change: crmkit key rotate"),
            values={"count": left},
        )
    versions = index_versions(session)
    if versions.get("coming") or versions.get("decrypt"):
        yield Finding(
            level="warning",
            code="key.index_rotation",
            message=_("A change of the key of lookups is not finished."),
            hint=_("Finish it: crmkit key rotate-index"),
        )
    elif lost := tokens_left(session):
        yield Finding(
            level="error",
            code="key.tokens",
            message=_("{count} values cannot be looked up, as the key of their tokens was given up."),
            hint=_("Give everything new tokens: crmkit key rotate-index"),
            values={"count": lost},
        )


def examine_backup(session: CrmSession) -> Sequence[Finding]:
    """Look for root keys in use that no key backup has: an error as soon as something is sealed under them, except in a
    demonstration, where the clock stands still: it can be made again."""
    missing = not_backed_up(session)
    if missing:
        connection = session.connection()
        with region(connection, WHY):
            sealed = connection.execute(select(data_keys.c.id).limit(1)).first() is not None
        return [
            Finding(
                level="error" if sealed and session.crm.settings.clock is None else "warning",
                code="key.backup",
                message=_("Root key {names} was never backed up: with it, everything that is sealed would be lost."),
                hint=_("Run, and keep the file apart from backups of the data: crmkit key backup FILE"),
                values={"names": ", ".join(str(row.name) for row in missing)},
            )
        ]
    return [Finding(level="ok", code="key.backup", message=_("The root keys are backed up."))]


CHECKS = [
    Check(name="crmkit.keys", title=_("Keys"), run=examine_keys),
    Check(name="crmkit.key_backup", title=_("Backup of the keys"), run=examine_backup),
]
"""The checks of this module."""
