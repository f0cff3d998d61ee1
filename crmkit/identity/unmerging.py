"""Undoing a merge: the absorbed customer is back, and every row of both as it stood; what came later stays with the
survivor, and what was changed since is kept or restored as whoever undoes it says.

Merges of one customer are undone in the reverse of their order. Must not know what a merge decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, cast
from uuid import UUID

from sqlalchemy import func, select

from crmkit.core.customers.models import Customer
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.privacy.holds import refuse_if_held
from crmkit.core.store.clock import system_now
from crmkit.core.store.guard.regions import region
from crmkit.core.store.session import CrmSession
from crmkit.errors import (
    CrmkitError,
    MergeError,
    MergeUndone,
    NotFound,
    UnmergeConflict,
    UnmergeErased,
    UnmergeOrder,
)
from crmkit.i18n import texts
from crmkit.identity import following, journal, past
from crmkit.identity.events import CustomersUnmerged
from crmkit.identity.images import id_of
from crmkit.identity.layout import Layout, layout_of
from crmkit.identity.pairing import held_versions
from crmkit.identity.restoring import Restorer
from crmkit.identity.states import Present, State
from crmkit.identity.tables import Merge
from crmkit.identity.values import OnConflict, Unmerged
from crmkit.security.privacy.rows import table_of

_ = texts("crmkit")

WHY = "undoing a merge of customers"
_SINCE = ("recorded_at", "created_at")
_ASIDE = frozenset({"crm_change", "crm_data_key", "crm_interaction_key", "crm_merge", "crm_merge_row"})
"""Tables of which nobody asks how many rows came later."""
_merge: Any = cast(Any, Merge).__table__

WhichMerge = Annotated[UUID, Input(title=_("Merge"), classified="internal")]
Conflicts = Annotated[OnConflict, Input(title=_("What was changed since"), classified="internal")]
Reason = Annotated[str, Input(title=_("Reason"), max_length=500, classified="internal")]


@operation("customer.unmerge", title=_("Undo a merge"), permission="customer.unmerge")
def unmerge_customers(
    session: CrmSession,
    customer: Customer,
    *,
    merge: WhichMerge,
    on_conflict: Conflicts = "refuse",
    reason: Reason = "",
) -> Unmerged:
    """Undo a merge that a customer survived: whom it absorbed is back, with everything that it had.

    Rows that came later stay with the survivor. Rows that were changed since are kept as they are, or restored as they
    stood, as ``on_conflict`` says. Raises NotFound, MergeUndone, UnmergeOrder where a later merge has to be undone
    first, UnmergeConflict, UnmergeErased, OnLegalHold.
    """
    held_versions(session, [customer.id])
    record = find_merge(session, merge)
    if record is None or record.customer_id != customer.id:
        raise NotFound(_("There is no such merge: {id}."), id=merge)
    refused = refusal(session, record)
    if refused is not None:
        raise refused
    refuse_if_held(session, customer.id)
    session.flush()
    return undo(session, record, customer, on_conflict, reason.strip())


def find_merge(session: CrmSession, merge_id: UUID) -> Merge | None:
    """Return a merge as the database has it now, where the session's actor may see it."""
    return session.get(Merge, merge_id, populate_existing=True)


def refusal(session: CrmSession, merge: Merge) -> CrmkitError | None:
    """Return why a merge cannot be undone, whatever was changed since, or None."""
    if merge.customer_id is None:
        return erased()
    if merge.undone_at is not None:
        return MergeUndone()
    later = next_of(session, merge)
    if later is not None:
        return UnmergeOrder(
            _("The merge {first} came later and has to be undone first."),
            fix=_("Run: crmkit customer unmerge {first}"),
            first=later,
        )
    with region(session, WHY):
        if journal.length(session, merge.id) != merge.rows:
            return erased()
        there = session.connection().execute(
            select(func.count()).select_from(Customer.__table__).where(Customer.__table__.c.id == merge.absorbed_id)
        )
        if there.scalar_one():
            return MergeError(_("The customer {id} is there."), id=merge.absorbed_id)
    return None


def erased() -> UnmergeErased:
    """Return the error for a merge of which nothing is left that could be restored."""
    return UnmergeErased(_("What this merge had brought together was erased, or its journal was removed."))


def next_of(session: CrmSession, merge: Merge) -> UUID | None:
    """Return the merge that has to be undone before a merge: the newest of those that came after it."""
    query = (
        select(_merge.c.id)
        .where(
            _merge.c.customer_id == merge.customer_id,
            _merge.c.undone_at.is_(None),
            _merge.c.id != merge.id,
            _merge.c.created_at >= merge.created_at,
        )
        .order_by(_merge.c.created_at.desc(), _merge.c.id.desc())
        .limit(1)
    )
    with region(session, WHY):
        return cast("UUID | None", session.connection().execute(query).scalar())


def states_of(session: CrmSession, layout: Layout, merge: Merge) -> list[State]:
    """Return how the rows stand that a merge has touched, inside a region."""
    return list(Present(session, layout, merge).states(journal.read(session, merge.id)))


def later_rows(session: CrmSession, layout: Layout, merge: Merge) -> dict[str, int]:
    """Return how many rows about the survivor came after a merge, by table, inside a region. What follows from others
    is left out."""
    found: dict[str, int] = {}
    for place in layout.places.values():
        since = next((name for name in _SINCE if name in place.columns), None)
        if since is None or place.derived or place.table in _ASIDE:
            continue
        table = table_of(session, place.table)
        for name in place.named_by:
            query = select(func.count()).select_from(table)
            query = query.where(table.c[name] == merge.customer_id, table.c[since] > merge.created_at)
            count = int(session.connection().execute(query).scalar_one())
            if count:
                found[place.table] = found.get(place.table, 0) + count
    return found


def undo(session: CrmSession, merge: Merge, customer: Customer, on_conflict: OnConflict, reason: str) -> Unmerged:
    """Undo a merge that may be undone, inside an operation whose permission says so."""
    survivor, absorbed = customer.id, merge.absorbed_id
    with region(session, WHY):
        layout = layout_of(session)
        present = Present(session, layout, merge)
        states = list(present.states(journal.read(session, merge.id)))
        conflicts = [state for state in states if state.conflict]
        if conflicts and on_conflict == "refuse":
            raise UnmergeConflict(
                _("{count} rows were changed since the merge."),
                fix=_("Look at the plan, and say whether they are to be kept or restored."),
                count=len(conflicts),
            )
        later = later_rows(session, layout, merge)
        dimensions = following.dimensions_of(session, [survivor])
        was = _histories(session, states)
        sets = past.sets_of(session, survivor)
        journal.forget(session, merge.id)
        session.expunge(customer)
        found = Restorer(session, layout, present.decider, absorbed).restore(states, on_conflict)
        session.expire_all()
        following.documents_follow(session, survivor, absorbed)
        _note_history(session, was, survivor)
        past.keep_sets(session, session.get_one(Customer, survivor, populate_existing=True), sets)
        if later or conflicts:
            following.decide_anew(session, [survivor, absorbed], dimensions)
        following.look_again(session, [survivor, absorbed])
        merge.undone_at, merge.undone_by, merge.undone_reason = system_now(), session.actor.id, reason or None
        merge.absorbed_name, merge.rows = None, 0
        session.flush()
    session.unit.about([survivor, absorbed])
    session.emit(CustomersUnmerged(customer_id=survivor, restored_id=absorbed, merge_id=merge.id))
    return Unmerged(
        merge_id=merge.id,
        customer_id=survivor,
        restored_id=absorbed,
        restored=found.restored,
        kept=found.kept,
        later=sum(later.values()),
    )


Histories = dict[str, list[dict[str, Any]]]


def _histories(session: CrmSession, states: Sequence[State]) -> Histories:
    """Return the survivor's records that will be changed back, as they stand, by their tables."""
    wanted: dict[str, list[UUID]] = {}
    for state in states:
        identity = id_of((state.now or {}).get("id"))
        if state.action == journal.CHANGED and identity is not None and not state.settled:
            wanted.setdefault(state.place.table, []).append(identity)
    return {
        table: [dict(row) for row in past.typed_rows(session, model, ids)]
        for table, ids in wanted.items()
        if getattr(model := session.gate.registry.models.get(table), "__history__", False)
    }


def _note_history(session: CrmSession, was: Histories, survivor: UUID) -> None:
    lines: list[dict[str, Any]] = []
    for table, rows in was.items():
        model = session.gate.registry.models[table]
        now = {row["id"]: row for row in past.typed_rows(session, model, [row["id"] for row in rows])}
        lines.extend(past.updates(session, model, rows, now, survivor))
    past.write(session, lines)


OPERATIONS: list[Any] = [unmerge_customers]
