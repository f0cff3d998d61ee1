"""The page of synchronisations: how each stands, the last comparison, and conflicts that wait for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Customer, Page, texts
from crmkit_integration.syncing.models import (
    DIRECTIONS,
    OWNERS,
    PAIR_STATES,
    POLICIES,
    RUN_STATES,
    SyncConflict,
    SyncPair,
    SyncPlan,
    SyncRun,
)

_ = texts("crmkit_integration")

SHOWN = 50
KINDS = {
    "value": _("Another value"),
    "only_here": _("Only here"),
    "only_there": _("Only there"),
    "gone_here": _("Gone here"),
    "gone_there": _("Gone there"),
    "refused": _("Refused"),
}
"""How both sides can differ, with titles."""
COUNTED = {
    "looked_at": _("looked at"),
    "added_here": _("added here"),
    "added_there": _("added there"),
    "changed_here": _("changed here"),
    "changed_there": _("changed there"),
    "paired": _("paired"),
    "gone_here": _("gone here"),
    "gone_there": _("gone there"),
    "failed": _("refused"),
    "conflicts": _("conflicts"),
}
"""What a run counts, with titles."""


def syncs(session: CrmSession) -> Mapping[str, Any]:
    """Return the synchronisations with their last runs and comparisons, and open conflicts."""
    rights = session.guarding.rights
    plans = session.scalars(select(SyncPlan).order_by(SyncPlan.name)).all()
    last: dict[tuple[UUID, str], SyncRun] = {}
    for plan in plans:
        for kind in ("sync", "reconcile"):
            query = select(SyncRun).where(SyncRun.sync_id == plan.id, SyncRun.kind == kind)
            run = session.scalars(query.order_by(SyncRun.began_at.desc()).limit(1)).first()
            if run is not None:
                last[plan.id, kind] = run
    counted = session.execute(
        select(SyncPair.sync_id, SyncPair.state, func.count(SyncPair.id)).group_by(SyncPair.sync_id, SyncPair.state)
    )
    conflicts = session.scalars(
        select(SyncConflict).where(SyncConflict.state == "open").order_by(SyncConflict.found_at).limit(SHOWN)
    ).all()
    named = {each.customer_id for each in conflicts}
    people = {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(named)))}
    return {
        "plans": plans,
        "last": last,
        "pairs": {(plan, state): number for plan, state, number in counted},
        "conflicts": conflicts,
        "people": people,
        "directions": DIRECTIONS,
        "owners": OWNERS,
        "policies": POLICIES,
        "pair_states": PAIR_STATES,
        "run_states": RUN_STATES,
        "kinds": KINDS,
        "count_titles": COUNTED,
        "shown": SHOWN,
        "may_manage": rights.scope("integration.sync", "manage") != "none",
        "may_run": rights.scope("integration.sync", "run") != "none",
        "may_resolve": rights.scope("integration.conflict", "resolve") != "none",
    }


PAGES = [
    Page(
        name="integration.syncs",
        title=_("Synchronisation"),
        path="/syncs",
        template="integration/syncing/syncs.html",
        context=syncs,
        permission="integration.sync.read",
        icon="refresh",
        order=30,
    )
]
