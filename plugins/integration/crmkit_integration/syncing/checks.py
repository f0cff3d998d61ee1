"""What ``crmkit doctor`` finds about synchronisation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from crmkit import Check, CrmSession, Finding, texts
from crmkit_integration.syncing.models import SyncConflict, SyncPlan, SyncRun

_ = texts("crmkit_integration")

LATE = 5
"""How many times its own interval a synchronisation may be late."""


def findings(session: CrmSession) -> Sequence[Finding]:
    """Say which synchronisations failed or did not run, and how many conflicts wait for somebody."""
    found: list[Finding] = []
    now = session.gate.clock.now()
    for plan in session.scalars(select(SyncPlan).where(SyncPlan.active).order_by(SyncPlan.name)):
        run = session.scalars(
            select(SyncRun).where(SyncRun.sync_id == plan.id).order_by(SyncRun.began_at.desc()).limit(1)
        ).first()
        if run is not None and run.state == "failed":
            found.append(
                Finding(
                    level="warning",
                    code="integration.sync_failed",
                    message=_('The last run of "{name}" failed: {reason}'),
                    values={"name": plan.name, "reason": run.reason or ""},
                )
            )
        elif plan.every and plan.run_at is not None and now - plan.run_at > timedelta(minutes=plan.every) * LATE:
            found.append(
                Finding(
                    level="warning",
                    code="integration.sync_late",
                    message=_('The synchronisation "{name}" has not run for a long time.'),
                    hint=_("Look whether a worker runs: crmkit worker."),
                    values={"name": plan.name},
                )
            )
    number = session.scalar(select(func.count(SyncConflict.id)).where(SyncConflict.state == "open"))
    if number:
        found.append(
            Finding(
                level="info",
                code="integration.conflicts",
                message=_("{number} conflicts wait for somebody."),
                values={"number": number},
            )
        )
    return found


CHECKS = [Check(name="integration.syncing", title=_("Synchronisation"), run=findings)]
