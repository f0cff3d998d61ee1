"""What a merge, or its undoing, would do: told before it is done, from the same decisions. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, select

from crmkit.core.access.models import Share
from crmkit.core.customers.chronicle import TITLES
from crmkit.core.customers.models import Customer, Relationship
from crmkit.core.privacy.holds import holds_on
from crmkit.core.store.guard.regions import region
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError, NotFound, UnmergeErased, UnmergeOrder
from crmkit.i18n import texts
from crmkit.identity import journal, pairing, unmerging
from crmkit.identity.deciding import Decider, decisions
from crmkit.identity.fields import Decided, compared, decide_fields
from crmkit.identity.images import id_of, table_of
from crmkit.identity.layout import BESIDE, CUSTOMER, Layout, Place, layout_of
from crmkit.identity.records import as_record
from crmkit.identity.states import State
from crmkit.identity.tables import Merge
from crmkit.identity.values import FieldChoice, MergePlan, RowConflict, TablePlan, UnmergePlan

_ = texts("crmkit")

WHY = "planning a merge of customers"
_UNTOLD = frozenset(
    {
        *(table for table, _column in BESIDE),
        *("crm_change", "crm_interaction_key", "crm_merge", "crm_merge_row", "crm_search_document"),
    }
)
"""Tables that go along with others, and tell nobody anything."""
_share: Any = cast(Any, Share).__table__


def plan_merge(
    session: CrmSession, survivor_id: UUID, absorbed_id: UUID, choices: Sequence[FieldChoice] = ()
) -> MergePlan:
    """Return what merging two customers would do, with values as the session's actor may see them.

    Raises NotFound for one that there is not, or that the actor may not see, AlreadyMerged, InvalidInput for a choice.
    """
    survivor = pairing.other_of(session, survivor_id)
    absorbed = pairing.other_of(session, absorbed_id)
    refused = pairing.refusal(session, survivor, absorbed, choices)
    if survivor_id == absorbed_id:
        raise cast(CrmkitError, refused)
    decided = decide_fields(session, survivor, absorbed, choices)
    with region(session, WHY):
        layout = layout_of(session)
        decider = Decider(session, survivor_id, absorbed_id)
        tables = list(_tables(session, decider, layout))
    return MergePlan(
        survivor_id=survivor_id,
        absorbed_id=absorbed_id,
        survivor_name=survivor.name,
        absorbed_name=absorbed.name,
        version=survivor.version,
        absorbed_version=absorbed.version,
        fields=compared(session, survivor, absorbed, decided),
        tables=tables,
        warnings=list(_warnings(session, survivor, absorbed, decided)),
        refusal="" if refused is None else refused.render(),
    )


def _tables(session: CrmSession, decider: Decider, layout: Layout) -> Iterator[TablePlan]:
    for decision in decisions(decider, list(layout.places.values())):
        moved, united, changed = len(decision.moved), len(decision.removed), 0
        changed = sum(1 for key, values in decision.changes.items() if values and key not in decision.absorbed)
        if (moved or united or changed) and not decision.place.derived:
            yield TablePlan(
                table=decision.place.table,
                title=title_of(session, decision.place.table),
                plugin=decision.place.plugin,
                moved=moved,
                united=united,
                changed=changed,
            )
    for place in (*(each for each in layout.places.values() if each.light), layout.customer):
        if place.table in _UNTOLD or place.derived:
            continue
        table = table_of(place)
        moved = 0
        for name in place.named_by:
            query = select(func.count()).select_from(table).where(table.c[name] == decider.absorbed)
            moved += int(decider.connection.execute(query).scalar_one())
        if moved:
            yield TablePlan(table=place.table, title=title_of(session, place.table), plugin=place.plugin, moved=moved)


def title_of(session: CrmSession, table: str) -> str:
    """Return what the rows of a table are called."""
    registry = session.gate.registry
    if table == CUSTOMER:
        return _("Parts and members")
    for resource in registry.resources.values():
        if resource.model.__tablename__ == table:
            return resource.plural
    known = next((each.purpose for each in registry.personal_data.values() if each.table == table), None)
    return TITLES.get(table) or known or table


def _warnings(session: CrmSession, survivor: Customer, absorbed: Customer, decided: Sequence[Decided]) -> Iterator[str]:
    differing = {item.field for item in decided if item.differs}
    hard = {
        "identity_number": _("Their identity numbers differ."),
        "birth_date": _("Their dates of birth differ."),
        "registration_number": _("Their registration numbers differ."),
        "gender": _("Their genders differ."),
        "owner_id": _("They belong to different owners."),
    }
    for name, text in hard.items():
        if name in differing:
            yield text
    query = select(func.count()).select_from(Relationship)
    pairs = (Relationship.customer_id, Relationship.other_id)
    ids = [survivor.id, absorbed.id]
    if session.scalar(query.where(pairs[0].in_(ids), pairs[1].in_(ids))):
        yield _("They are related to each other: this relationship goes.")
    if absorbed.id == survivor.parent_id or survivor.id == absorbed.parent_id:
        yield _("One of them is a part of the other.")
    shared = select(func.count()).select_from(_share)
    shared = shared.where(_share.c.resource == "customer", _share.c.record_id == absorbed.id)
    with region(session, WHY):
        if session.connection().execute(shared).scalar():
            yield _("The absorbed customer is shared with somebody, the survivor is not by this.")


# --- undoing ---------------------------------------------------------------------------------------------------------


def plan_unmerge(session: CrmSession, merge_id: UUID) -> UnmergePlan:
    """Return what undoing a merge would do. Raises NotFound for one that there is not, or whose customer the session's
    actor may not see, UnmergeErased where nothing is left of it."""
    merge = unmerging.find_merge(session, merge_id)
    if merge is None:
        _raise_if_erased(session, merge_id)
        raise NotFound(_("There is no such merge: {id}."), id=merge_id)
    refused = unmerging.refusal(session, merge)
    if isinstance(refused, UnmergeErased):
        raise refused
    held = holds_on(session, [merge.customer_id] if merge.customer_id is not None else [])
    told = "" if refused is None else refused.render()
    if held and not told:
        told = _("A legal hold forbids undoing it.")
    states: Sequence[State] = ()
    later: list[TablePlan] = []
    if merge.undone_at is None:
        with region(session, WHY):
            layout = layout_of(session)
            states = unmerging.states_of(session, layout, merge)
            for table, rows in unmerging.later_rows(session, layout, merge).items():
                place = cast(Place, layout.of(table))
                later.append(TablePlan(table=table, title=title_of(session, table), plugin=place.plugin, moved=rows))
    record = as_record(merge)
    return UnmergePlan(
        merge_id=merge.id,
        survivor_id=merge.survivor_id,
        absorbed_id=merge.absorbed_id,
        absorbed_name=record.absorbed_name,
        merged_at=record.merged_at,
        tables=list(_restored(session, states)),
        later=later,
        conflicts=[_as_conflict(session, state) for state in states if state.conflict],
        first=unmerging.next_of(session, merge) if isinstance(refused, UnmergeOrder) else None,
        refusal=told,
    )


def _raise_if_erased(session: CrmSession, merge_id: UUID) -> None:
    """Raise UnmergeErased for a merge of somebody who was erased: there is nobody left whose rows would be told of."""
    with region(session, WHY):
        table: Any = cast(Any, Merge).__table__
        query = select(table.c.id).where(table.c.id == merge_id, table.c.customer_id.is_(None))
        gone = session.connection().execute(query).first() is not None
    if gone:
        raise unmerging.erased()


def _restored(session: CrmSession, states: Iterable[State]) -> Iterator[TablePlan]:
    found: dict[str, list[int]] = {}
    plugins: dict[str, str] = {}
    for state in states:
        if state.place.derived or state.place.table in _UNTOLD or (state.now is None and not _comes_back(state)):
            continue
        counts = found.setdefault(state.place.table, [0, 0, 0])
        plugins[state.place.table] = state.place.plugin
        column = {journal.MOVED: 0, journal.POINTED: 0, journal.REMOVED: 1}.get(state.action, 2)
        counts[column] += 1
    for table, (moved, united, changed) in found.items():
        title = _("Customer") if table == CUSTOMER else title_of(session, table)
        yield TablePlan(table=table, title=title, plugin=plugins[table], moved=moved, united=united, changed=changed)


def _comes_back(state: State) -> bool:
    return state.action == journal.REMOVED


def _as_conflict(session: CrmSession, state: State) -> RowConflict:
    row = state.now or state.before
    identity = id_of(row.get("id"))
    shown = str(identity) if identity is not None else ", ".join(_text(value) for value in state.key)
    return RowConflict(
        table=state.place.table,
        title=_("Customer") if state.place.table == CUSTOMER else title_of(session, state.place.table),
        plugin=state.place.plugin,
        record_id=shown,
        what=cast(Any, state.what),
        fields=[name.removesuffix("_sealed") for name in state.fields if not name.endswith("_token")],
    )


def _text(value: Any) -> str:
    identity = id_of(value) if isinstance(value, bytes) else None
    return str(identity or value)
