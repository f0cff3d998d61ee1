"""Backing root keys up into a file under a passphrase, and putting them back.

Without the root keys a backup of the data is worthless; with them it is open: the two belong in different places.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from attrs import frozen
from sqlalchemy import select

from crmkit.core.store.clock import system_now
from crmkit.core.store.guard.regions import region
from crmkit.core.vault.backups import KeyBackup, SavedKey, locked, unlocked
from crmkit.core.vault.known import WHY
from crmkit.core.vault.providers import Providers
from crmkit.core.vault.state import root_keys
from crmkit.errors import KeyBackupError
from crmkit.hooks.dispatch import Dispatcher
from crmkit.hooks.ports import ExportableKeys
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.settings import Settings

_ = texts("crmkit")


@frozen(kw_only=True)
class Restored:
    """What putting keys back did: the names that were written, and those that were there already."""

    written: tuple[str, ...]
    present: tuple[str, ...]


def back_up(crm: CRM, actor: Actor, path: Path, passphrase: str) -> KeyBackup:
    """Write the root keys that can be handed over into a new file, readable by its owner alone, and note that in the
    database; keys are returned without their values' being shown.

    Raises Refused, and KeyBackupError when the passphrase is too short, the file exists or cannot be written, it would
    lie inside the data, or no key can be handed over.
    """
    data = crm.settings.data
    if data is not None and path.resolve().is_relative_to(data.resolve()):
        raise KeyBackupError(
            _("{path} is inside the data, and backups of the data would take it along."),
            fix=_("Name a file elsewhere, best on another medium."),
            path=path,
        )
    with crm.transaction(actor) as session:
        numbers = session.run("key.backup")
        connection = session.connection()
        with region(connection, WHY):
            rows = connection.execute(select(root_keys).where(root_keys.c.id.in_(numbers))).all()
        backup = KeyBackup(
            instance_id=crm.vault.state(session).instance,
            taken_at=system_now(),
            keys=tuple(_saved(crm.vault.providers, row) for row in rows),
        )
        if not backup.keys:
            raise KeyBackupError(
                _("None of the root keys can be handed over: whatever keeps them does not give them away."),
                fix=_("Back them up where they are kept."),
            )
        _write(path, locked(backup, passphrase))
    return backup


def put_back(settings: Settings, data: bytes, passphrase: str) -> Restored:
    """Put the root keys of a backup back where they are kept; those that are there already are compared.

    It needs no database, as that cannot be opened without them. Raises KeyBackupError, and WrongKey where another key
    has the name of one of them.
    """
    backup = unlocked(data, passphrase)
    providers = Providers(Dispatcher(), settings)
    written: list[str] = []
    present: list[str] = []
    for saved in backup.keys:
        provider = providers.of(saved.kind)
        if not isinstance(provider, ExportableKeys):
            raise KeyBackupError(_("Keys cannot be put back into {kind} from here."), kind=saved.kind)
        (written if provider.restore(saved.name, saved.key) else present).append(saved.name)
    return Restored(written=tuple(written), present=tuple(present))


def _saved(providers: Providers, row: Any) -> SavedKey:
    provider = providers.of(row.provider)
    assert isinstance(provider, ExportableKeys)
    return SavedKey(kind=row.provider, name=row.name, key=provider.export(row.name))


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)
        finally:
            part.unlink()
    except FileExistsError as error:
        raise KeyBackupError(_("{path} exists already."), fix=_("Name a new file."), path=path) from error
    except OSError as error:
        raise KeyBackupError(
            _("{path} cannot be written: {reason}."), path=path, reason=error.strerror or error
        ) from error
