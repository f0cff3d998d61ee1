"""What a run notes: that it holds its plan, what became of pairs, conflicts, and how it ended. For the framework alone.

Whoever has lost the hold notes nothing more, so that two runs never write over each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import Conflict, CrmSession, Input, Refused, operation, texts
from crmkit_integration.syncing.models import SyncConflict, SyncPair, SyncPlan, SyncRun

_ = texts("crmkit_integration")

RUN = "integration.sync.run"
HELD = timedelta(minutes=10)
"""For so long a run holds its plan without a sign of life."""


@attrs.frozen(kw_only=True)
class Begun:
    """A run that has begun."""

    id: UUID


@operation("integration.sync.begin", title=_("Begin a run"), permission=RUN, hidden=True)
def begin(
    session: CrmSession,
    plan: SyncPlan,
    *,
    held_by: Annotated[UUID, Input(classified="internal")],
    kind: Annotated[str, Input(max_length=10, classified="internal")],
) -> Begun:
    """Hold a plan for a run. Raises Conflict while another one holds it, or it is stopped."""
    _only_system(session)
    require_active(plan)
    now = session.gate.clock.now()
    if plan.held_until is not None and plan.held_until > now:
        raise Conflict(_('The synchronisation "{name}" is running.'), name=plan.name)
    plan.held_by, plan.held_until, plan.run_at = held_by, now + HELD, now
    for left in session.scalars(select(SyncRun).where(SyncRun.sync_id == plan.id, SyncRun.state == "running")):
        left.state, left.ended_at, left.reason = "failed", now, "stopped"
    run = SyncRun(sync_id=plan.id, kind=kind, state="running", began_at=now)
    session.add(run)
    return Begun(id=run.id)


@attrs.frozen(kw_only=True)
class ConflictNote:
    """A field that was changed on both sides."""

    field: Annotated[str, Input(max_length=80, classified="internal")]
    ours: str | None = None
    theirs: str | None = None


@attrs.frozen(kw_only=True)
class PairNote:
    """What became of a pair."""

    id: Annotated[UUID, Input(classified="internal")]
    customer_id: Annotated[UUID | None, Input(classified="internal")]
    external_id: Annotated[str | None, Input(max_length=200, classified="internal")]
    state: Annotated[str, Input(max_length=12, classified="internal")]
    agreed: Annotated[Mapping[str, Any], Input(classified="internal")]
    pending: Mapping[str, Any] | None = None
    reason: str | None = None
    conflicts: tuple[ConflictNote, ...] = ()
    sent: Annotated[tuple[str, ...], Input(max_length=200, classified="internal")] = ()


@operation("integration.sync.note", title=_("Note pairs"), permission=RUN, hidden=True)
def note(
    session: CrmSession,
    plan: SyncPlan,
    *,
    held_by: Annotated[UUID, Input(classified="internal")],
    notes: tuple[PairNote, ...],
) -> None:
    """Note what became of pairs, and that the run is alive. Raises Conflict when another run has taken over."""
    _only_system(session)
    _require_held(plan, held_by)
    now = session.gate.clock.now()
    plan.held_until = now + HELD
    known = {
        each.id: each for each in session.scalars(select(SyncPair).where(SyncPair.id.in_([one.id for one in notes])))
    }
    for each in notes:
        pair = known.get(each.id)
        if pair is None:
            pair = SyncPair(id=each.id, sync_id=plan.id)
            session.add(pair)
        pair.customer_id, pair.external_id = each.customer_id, each.external_id
        pair.state, pair.reason = each.state, each.reason
        pair.agreed = {name: list(marks) for name, marks in each.agreed.items()}
        pair.pending = dict(each.pending) if each.pending is not None else None
        if each.state == "paired":
            pair.synced_at = now
    session.flush()
    for each in notes:
        _note_conflicts(session, plan, each, now)
    told = [each for each in notes if each.sent and each.customer_id is not None]
    if told:
        session.note(
            "integration.send",
            resource="customer",
            subjects=[each.customer_id for each in told if each.customer_id is not None],
            details={"to": plan.name, "fields": sorted({name for each in told for name in each.sent})},
            items=len(told),
        )


def _note_conflicts(session: CrmSession, plan: SyncPlan, pair: PairNote, now: datetime) -> None:
    found = {each.field: each for each in pair.conflicts}
    query = select(SyncConflict).where(SyncConflict.pair_id == pair.id, SyncConflict.state.in_(("open", "settled")))
    for known in session.scalars(query):
        again = found.pop(known.field_name, None)
        if again is None:
            if pair.state == "paired":
                known.state = "over" if known.state == "open" else "done"
        else:
            known.ours, known.theirs = again.ours, again.theirs
    for each in found.values():
        if pair.customer_id is not None:
            session.add(
                SyncConflict(
                    sync_id=plan.id,
                    pair_id=pair.id,
                    customer_id=pair.customer_id,
                    field_name=each.field,
                    ours=each.ours,
                    theirs=each.theirs,
                    found_at=now,
                )
            )


@operation("integration.sync.end", title=_("End a run"), permission=RUN, hidden=True)
def end(
    session: CrmSession,
    plan: SyncPlan,
    *,
    held_by: Annotated[UUID, Input(classified="internal")],
    run_id: Annotated[UUID, Input(classified="internal")],
    state: Annotated[str, Input(max_length=8, classified="internal")],
    watermark_ours: Annotated[str | None, Input(max_length=60, classified="internal")] = None,
    watermark_theirs: Annotated[str | None, Input(max_length=200, classified="internal")] = None,
    counts: Annotated[Mapping[str, Any], Input(classified="internal")] = attrs.Factory(dict),
    checksums: Annotated[Mapping[str, Any], Input(classified="internal")] = attrs.Factory(dict),
    differences: Annotated[tuple[Any, ...], Input(classified="internal")] = (),
    reason: Annotated[str | None, Input(max_length=500, classified="internal")] = None,
) -> None:
    """Note the end of a run and let its plan go. Raises Conflict when another run has taken over."""
    _only_system(session)
    _require_held(plan, held_by)
    plan.held_by = plan.held_until = None
    if watermark_ours is not None:
        plan.watermark_ours = watermark_ours
    if watermark_theirs is not None:
        plan.watermark_theirs = watermark_theirs
    run = session.get_one(SyncRun, run_id)
    run.state, run.ended_at, run.reason = state, session.gate.clock.now(), reason
    run.counts, run.checksums, run.differences = dict(counts), dict(checksums), list(differences)


def _require_held(plan: SyncPlan, held_by: UUID) -> None:
    if plan.held_by != held_by:
        raise Conflict(_('Another run of "{name}" has taken over.'), name=plan.name)


def _only_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is noted by the framework alone."))


def require_active(plan: SyncPlan) -> None:
    """Raise Conflict for a synchronisation that is stopped."""
    if not plan.active:
        raise Conflict(_('The synchronisation "{name}" is stopped.'), name=plan.name)


OPERATIONS: list[Any] = [begin, note, end]
"""The operations of this module."""
