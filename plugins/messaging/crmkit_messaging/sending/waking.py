"""Having what waits looked at: the job that lets messages leave is put in the queue. Must not decide or send."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crmkit import CrmSession

DISPATCH = "messaging.dispatch"
"""The job that lets the messages of one way leave."""


def wake(session: CrmSession, channel: str, mailbox: str | None, at: datetime | None = None) -> None:
    """Have the messages of a channel and mailbox looked at, now or at an instant (UTC); once for a transaction."""
    arguments: dict[str, Any] = {"channel": channel, "mailbox": mailbox or ""}
    waiting = session.unit.jobs
    if any(job.name == DISPATCH and dict(job.arguments) == arguments and job.run_at == at for job in waiting):
        return
    session.defer(DISPATCH, run_at=at, **arguments)
