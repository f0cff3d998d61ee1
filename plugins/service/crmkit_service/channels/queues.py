"""The names of queues, which operations of cases take. Must not change anything."""

from __future__ import annotations

from uuid import UUID

from crmkit_work.api import Queue

from crmkit import CrmSession


def name_of_queue(session: CrmSession, queue_id: UUID | None) -> str | None:
    """Return the name of a queue that takes work, or None."""
    found = session.get(Queue, queue_id) if queue_id is not None else None
    return found.name if found is not None and found.active else None
