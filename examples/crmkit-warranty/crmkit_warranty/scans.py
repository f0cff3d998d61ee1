"""Scanned warranty cards: files outside the database, which no personal-data map can reach.

A scanner puts them into ``<scans>/<customer id>/``. Files follow the database: they are moved or removed once the
transaction has been committed.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

from crmkit import CrmSession

from crmkit_warranty.settings import settings_of


def folder_of(session: CrmSession, customer_id: UUID) -> Path | None:
    """Return the folder of a customer's scans, or None where none are kept."""
    root = settings_of(session.crm.settings).scans
    return None if root is None else root / str(customer_id)


def names_of(session: CrmSession, customer_id: UUID) -> list[str]:
    """Return the names of a customer's scans."""
    folder = folder_of(session, customer_id)
    return sorted(path.name for path in folder.iterdir()) if folder is not None and folder.is_dir() else []


def hand_over(session: CrmSession, source_id: UUID, target_id: UUID) -> None:
    """Give one customer's scans to another when the transaction commits; equal names get the giver's id in front."""
    source, target = folder_of(session, source_id), folder_of(session, target_id)
    if source is None or target is None or not source.is_dir():
        return

    def move() -> None:
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted(source.iterdir()):
            free = target / path.name
            path.rename(target / f"{source_id}-{path.name}" if free.exists() else free)
        source.rmdir()

    session.on_commit(move)


def forget(session: CrmSession, customer_id: UUID) -> None:
    """Remove a customer's scans when the transaction commits; nothing happens when there are none."""
    folder = folder_of(session, customer_id)
    if folder is not None:
        session.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
