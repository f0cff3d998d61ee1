"""What the database says of itself, for metrics and health: jobs, deliveries, audit records that wait.

Must not know how figures are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from attrs import frozen
from sqlalchemy import case, func, select

from crmkit.core.operations.outbox import DELIVER
from crmkit.core.operations.tables import AuditPending, Heartbeat, JobRecord

if TYPE_CHECKING:
    from crmkit.app import CRM

_JOB = cast(Any, JobRecord).__table__
_PENDING = cast(Any, AuditPending).__table__
_HEARTBEAT = cast(Any, Heartbeat).__table__
ALIVE = 60.0
"""Seconds since its last sign of life for which a worker counts as alive."""


@frozen(kw_only=True)
class Figures:
    """Jobs by state without those that are done; the seconds that the oldest due job waits, and the oldest delivery of
    an event; audit records that are not chained yet; workers that are alive."""

    jobs: Mapping[str, int]
    job_lag: float
    outbox_lag: float
    audit_pending: int
    workers: int


def figures_of(crm: CRM) -> Figures:
    """Read the figures, in one short transaction."""
    now = crm.clock.now()
    due = (_JOB.c.state == "queued") & (_JOB.c.run_at <= now)
    with crm.engines.system_read.connect() as connection:
        jobs = {
            str(state): int(number)
            for state, number in connection.execute(
                select(_JOB.c.state, func.count()).where(_JOB.c.state != "done").group_by(_JOB.c.state)
            )
        }
        oldest, event = connection.execute(
            select(func.min(_JOB.c.run_at), func.min(case((_JOB.c.name.startswith(DELIVER), _JOB.c.run_at)))).where(due)
        ).one()
        pending = connection.scalar(select(func.count()).select_from(_PENDING)) or 0
        seen = [moment for (moment,) in connection.execute(select(_HEARTBEAT.c.seen_at))]
    return Figures(
        jobs={state: jobs.get(state, 0) for state in ("queued", "running", "dead")},
        job_lag=_seconds(now, oldest),
        outbox_lag=_seconds(now, event),
        audit_pending=int(pending),
        workers=sum((now - moment).total_seconds() < ALIVE for moment in seen),
    )


def _seconds(now: Any, moment: Any) -> float:
    return 0.0 if moment is None else max(0.0, float((now - moment).total_seconds()))
