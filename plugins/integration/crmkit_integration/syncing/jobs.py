"""The jobs of synchronisation: each talks to another system, and so runs apart."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Actor, Conflict
from crmkit_integration.syncing.models import SyncPlan
from crmkit_integration.syncing.reconciling import reconcile
from crmkit_integration.syncing.running import run

_log = logging.getLogger("crmkit.integration")


def run_one(crm: CRM, actor: Actor, sync_id: str, everything: bool = False) -> None:
    """Run a synchronisation; one that is running already is left to it."""
    try:
        run(crm, UUID(sync_id), everything=everything)
    except Conflict as error:
        _log.info("a synchronisation is not run: %s", error.code)


def reconcile_one(crm: CRM, actor: Actor, sync_id: str) -> None:
    """Compare both sides of a synchronisation; the job is tried again while it is running."""
    reconcile(crm, UUID(sync_id))


def run_due(crm: CRM, actor: Actor, tick: datetime) -> None:
    """Have every synchronisation run whose time has come."""
    now = crm.clock.now()
    with crm.session(actor) as session:
        plans = session.scalars(select(SyncPlan).where(SyncPlan.active, SyncPlan.every > 0).order_by(SyncPlan.id)).all()
        due = [each.id for each in plans if each.run_at is None or each.run_at + timedelta(minutes=each.every) <= now]
    for each in due:
        crm.run(crm.system("synchronisations that are due"), "integration.sync.start", target=each)
