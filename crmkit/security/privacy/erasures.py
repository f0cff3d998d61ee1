"""The erasure list: who was erased, kept outside the database, so that a restored backup can forget them again.

A line names a number and a time, never a person. Must not erase anything itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit.errors import ConfigurationError
from crmkit.i18n import texts
from crmkit.security.privacy.tables import Erasure

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

FILE = "erasures.jsonl"


@frozen(kw_only=True)
class ErasedSubject:
    """A line of the list: whose data was erased, when (UTC), why."""

    subject_id: UUID
    erased_at: datetime
    reason: str


def list_path(crm: CRM) -> Path:
    """Return where the list is kept: beside the keys, which no backup of the data touches.

    Raises ConfigurationError where the installation has no folder for it.
    """
    folder = crm.settings.with_keys(os.environ).keys or crm.settings.home
    if folder is None:
        raise ConfigurationError(
            _("There is no place for the list of erased persons."), fix=_("Set keys to a folder outside the data.")
        )
    return folder / FILE


def note_erased(crm: CRM) -> None:
    """Add to the list, durably, every erasure that is in the database and not in it yet, after a crash too."""
    known = {line.subject_id for line in read_list(crm)}
    missing = [line for line in _recorded(crm) if line.subject_id not in known]
    if not missing:
        return
    path = list_path(crm)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for line in missing:
            body = {
                "installation": str(crm.vault.instance_id),
                "subject": str(line.subject_id),
                "erased_at": line.erased_at.isoformat(),
                "reason": line.reason,
            }
            os.write(handle, (json.dumps(body, ensure_ascii=False) + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _recorded(crm: CRM) -> Iterator[ErasedSubject]:
    table: Any = Erasure.__table__
    with crm.engines.system_read.connect() as connection:
        rows = connection.execute(select(table.c.subject_id, table.c.recorded_at, table.c.reason)).all()
    for row in rows:
        yield ErasedSubject(subject_id=row.subject_id, erased_at=row.recorded_at, reason=row.reason)


def read_list(crm: CRM) -> list[ErasedSubject]:
    """Return this installation's part of the list; a line that a crash cut off is left out."""
    path = list_path(crm)
    if not path.exists():
        return []
    found: list[ErasedSubject] = []
    own = str(crm.vault.instance_id)
    for text in path.read_text("utf-8").splitlines():
        try:
            body = json.loads(text)
            if body["installation"] != own:
                continue
            found.append(
                ErasedSubject(
                    subject_id=UUID(body["subject"]),
                    erased_at=datetime.fromisoformat(body["erased_at"]),
                    reason=body["reason"],
                )
            )
        except (ValueError, KeyError, TypeError):
            continue
    return found
