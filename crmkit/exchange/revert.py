"""Takes an import back: what it made is removed, what it changed is as it was before, what was recorded is reversed.

What was changed or used since stays as it is and is listed. Must not know files.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import define, field, frozen
from sqlalchemy import Select, delete, func, select, update

from crmkit.core.customers.asof import customer_as_of
from crmkit.core.customers.inputs import CustomerUpdate
from crmkit.core.customers.models import ContactPoint, Customer, custom_of
from crmkit.core.customers.operations import remove_whole
from crmkit.core.customers.references import chunks
from crmkit.core.interactions.models import Interaction, InteractionKey, Product, PurchaseLine
from crmkit.core.operations.inputs import fields_of
from crmkit.core.operations.operation import operation
from crmkit.core.store.clock import system_now
from crmkit.core.store.guard import region
from crmkit.core.store.opening import plain
from crmkit.core.store.session import CrmSession
from crmkit.core.store.tables import RecordChange
from crmkit.errors import CrmkitError, ImportConflict, Problem
from crmkit.exchange.operations import check_own, this_process
from crmkit.exchange.options import Kept, RevertReport
from crmkit.exchange.rows import problem
from crmkit.exchange.tables import ImportRow, ImportRun
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor

_ = texts("crmkit")

BATCH = 500
MAX_KEPT = 1000
_OWN_TABLES = frozenset(
    ("crm_customer", "crm_contact_point", "crm_customer_identifier", "crm_customer_tag", "crm_change", "crm_consent")
)
"""Tables whose rows about a customer come with it and are no use of it."""


@define
class _Tally:
    """What was done so far."""

    removed: int = 0
    restored: int = 0
    reversed: int = 0
    kept: dict[tuple[str, UUID], Kept] = field(factory=dict)
    kept_count: int = 0


def revert_import(crm: CRM, actor: Actor, import_id: UUID) -> RevertReport:
    """Take an import back. An interrupted one goes on where it was.

    Customers and products that it added are removed for good, unless they were changed or used since; customers and
    products that it changed get back what they had; interactions and purchases are reversed, and their source may name
    them anew. What had to stay can be taken back later, by running it again. Raises NotFound, ImportConflict for an
    import that is not finished or of which nothing is left to be taken back.
    """
    crm.run(actor, "import.begin_revert", target=import_id)
    tally = _Tally()
    while True:
        before = tally.removed
        after: int | None = None
        while True:
            done: _Batch = crm.run(actor, "import.revert_batch", {"after": after}, target=import_id)
            tally.removed += done.removed
            tally.restored += done.restored
            tally.reversed += done.reversed
            for kept in done.kept:
                tally.kept[kept.table, kept.record_id] = kept
            if done.last is None:
                break
            after = done.last
        # An organisation can go once those who belong to it are gone.
        if tally.removed == before:
            break
        tally.kept = {}
    crm.run(actor, "import.end_revert", target=import_id)
    kept = tuple(tally.kept.values())
    return RevertReport(
        import_id=import_id,
        removed=tally.removed,
        restored=tally.restored,
        reversed=tally.reversed,
        kept_count=len(kept),
        kept=kept[:MAX_KEPT],
    )


@frozen(kw_only=True)
class _Batch:
    """What one batch did; ``last`` is the row where the next one goes on, None at the end."""

    removed: int
    restored: int
    reversed: int
    kept: tuple[Kept, ...]
    last: int | None


@operation("import.begin_revert", title=_("Take an import back"), permission="import.revert", effect="update")
def begin_revert(session: CrmSession, run: ImportRun) -> ImportRun:
    """Note that an import is being taken back. Raises Refused for somebody else's."""
    check_own(session, run)
    if run.state == "reverted" and not is_left(session, run):
        raise ImportConflict(_("This import was taken back before."))
    if run.state not in ("done", "abandoned", "reverting", "reverted"):
        raise ImportConflict(_("This import has not ended."), fix=_("Let it go on to its end first."))
    run.state = "reverting"
    run.runner = this_process()
    run.seen_at = system_now()
    return run


def is_left(session: CrmSession, run: ImportRun) -> bool:
    """Say whether an import has records that were not taken back, as they had been changed or used."""
    query = _standing(run).with_only_columns(ImportRow.row_index).limit(1)
    return session.scalar(query) is not None


def _standing(run: ImportRun) -> Select[tuple[ImportRow]]:
    return select(ImportRow).where(
        ImportRow.import_id == run.id, ImportRow.outcome.in_(("created", "updated")), ImportRow.record_id.is_not(None)
    )


@operation("import.end_revert", title=_("End taking back"), permission="import.revert", effect="update", hidden=True)
def end_revert(session: CrmSession, run: ImportRun) -> ImportRun:
    """Note that an import was taken back."""
    check_own(session, run)
    run.state = "reverted"
    run.runner = None
    run.reverted_at = system_now()
    return run


@operation("import.revert_batch", title=_("Take rows back"), permission="import.revert", effect="update", hidden=True)
def revert_batch(session: CrmSession, run: ImportRun, *, after: int | None = None) -> _Batch:
    """Take back the rows behind one, the last of the file first."""
    check_own(session, run)
    query = _standing(run)
    if after is not None:
        query = query.where(ImportRow.row_index < after)
    rows = list(session.scalars(query.order_by(ImportRow.row_index.desc()).limit(BATCH)))
    makers = {"crm_customer": _customers, "crm_product": _products, "crm_interaction": _interactions}
    tally = _Tally()
    for table, revert in makers.items():
        part = [row for row in rows if row.table_name == table]
        if part:
            revert(session, run, part, tally)
            _mark(session, run, table, part, tally)
    for row in rows:
        if row.table_name not in makers and row.outcome == "created":
            _keep(tally, row, problem(_("What a plugin keeps is not taken back with an import.")))
    run.seen_at = system_now()
    last = rows[-1].row_index if len(rows) == BATCH else None
    return _Batch(
        removed=tally.removed,
        restored=tally.restored,
        reversed=tally.reversed,
        kept=tuple(tally.kept.values()),
        last=last,
    )


def _keep(tally: _Tally, row: ImportRow, reason: Problem) -> None:
    record_id = cast(UUID, row.record_id)
    tally.kept[str(row.table_name), record_id] = Kept(
        line=row.line, table=str(row.table_name), record_id=record_id, reason=reason
    )


def _mark(session: CrmSession, run: ImportRun, table: str, rows: Sequence[ImportRow], tally: _Tally) -> None:
    """Note which records were taken back, so that taking the rest back later passes over them."""
    done = {row.record_id for row in rows} - {id_ for name, id_ in tally.kept if name == table}
    session.flush()
    for part in chunks(done):
        session.execute(
            update(ImportRow)
            .where(ImportRow.import_id == run.id, ImportRow.table_name == table, ImportRow.record_id.in_(part))
            .where(ImportRow.outcome.in_(("created", "updated")))
            .values(outcome="reverted")
            .execution_options(synchronize_session=False)
        )


_CHANGED = _("It was changed since.")


# --- customers -------------------------------------------------------------------------------------------------------


def _customers(session: CrmSession, run: ImportRun, rows: Sequence[ImportRow], tally: _Tally) -> None:
    ids = [cast(UUID, row.record_id) for row in rows]
    versions = dict(session.execute(select(Customer.id, Customer.version).where(Customer.id.in_(ids))).all())
    final = _final_versions(session, run, ids)
    used = _uses(session, ids)
    handled: set[UUID] = set()
    for row in rows:
        id_ = cast(UUID, row.record_id)
        if id_ not in versions or id_ in handled:
            continue
        handled.add(id_)
        created, version = final[id_]
        if versions[id_] != version:
            _keep(tally, row, problem(_CHANGED))
        elif not created:
            _restore_customer(session, run, row, tally)
        elif id_ in used:
            _keep(tally, row, problem(_("It is in use: {what}."), what=used[id_]))
        else:
            # What the import made, and nobody has used, goes by the right to take imports back.
            customer = session.get_one(Customer, id_)
            session.note("customer.remove", resource="customer", target=customer, subjects=[id_])
            remove_whole(session, customer)
            tally.removed += 1


def _final_versions(session: CrmSession, run: ImportRun, ids: Sequence[UUID]) -> dict[UUID, tuple[bool, int | None]]:
    """Return for each record whether the import made it, and the version in which the import left it."""
    found: dict[UUID, tuple[bool, int | None]] = {}
    for part in chunks(set(ids)):
        query = (
            select(ImportRow.record_id, ImportRow.outcome, ImportRow.version)
            .where(ImportRow.import_id == run.id, ImportRow.record_id.in_(part))
            .where(ImportRow.outcome.in_(("created", "updated")))
        )
        for id_, outcome, version in session.execute(query):
            created, known = found.get(id_, (False, None))
            latest = version if known is None else max(known, version or 0)
            found[id_] = (created or outcome == "created", latest)
    return found


def _uses(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return for customers that something refers to the name of its table."""
    with region(session, "whether anything refers to what would be removed"):
        return _find_uses(session, ids)


def _find_uses(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    registry = session.gate.registry
    found: dict[UUID, str] = {}
    for entry in registry.personal_data.values():
        model = registry.models.get(entry.table)
        if entry.table in _OWN_TABLES or entry.derived or model is None:
            continue
        column = model.__table__.c[entry.column]
        for part in chunks(ids):
            for id_ in session.scalars(select(column).where(column.in_(part)).distinct()):
                found[id_] = entry.table
    for part in chunks(ids):
        belong = select(Customer.parent_id).where(Customer.parent_id.in_(part)).distinct()
        for id_ in session.scalars(belong):
            if id_ is not None:
                found[id_] = "crm_customer"
    return found


def _restore_customer(session: CrmSession, run: ImportRun, row: ImportRow, tally: _Tally) -> None:
    id_ = cast(UUID, row.record_id)
    before = customer_as_of(session, id_, _just_before(session, run, id_), whole=True)
    customer = session.get(Customer, id_)
    if before is None or customer is None:
        return
    known = {attribute.name for attribute, _type, _info in fields_of(CustomerUpdate)}
    changes: dict[str, Any] = {
        name: value
        for name, value in before.fields.items()
        if name in known and name not in ("custom", "preferences") and plain(customer, name) != value
    }
    for name in ("custom", "preferences"):
        now = custom_of(customer) if name == "custom" else plain(customer, name)
        then = before.fields[name]
        if now != then:
            changes[name] = {key: then.get(key) for key in {*now, *then} if now.get(key) != then.get(key)}
    changes["tags"], changes["interests"] = list(before.tags), list(before.interests)
    changes["contact_points"] = [
        {
            "kind": point.kind,
            "value": point.value,
            "label": point.label,
            "preferred": point.preferred,
            "verified_at": point.verified_at,
            "details": dict(point.details),
        }
        for point in before.contact_points
    ]
    try:
        session.run("customer.update", changes, target=id_)
    except CrmkitError as error:
        _keep(tally, row, error.problems[0])
    else:
        tally.restored += 1


def _just_before(session: CrmSession, run: ImportRun, customer_id: UUID) -> datetime:
    """Return the instant before the import's first change to a customer."""
    changed = session.scalar(
        select(func.min(RecordChange.recorded_at)).where(
            RecordChange.customer_id == customer_id,
            RecordChange.recorded_at >= run.started_at,
            RecordChange.operation.startswith("import.batch"),
        )
    )
    added = session.scalar(
        select(func.min(ContactPoint.created_at)).where(
            ContactPoint.customer_id == customer_id, ContactPoint.created_at >= run.started_at
        )
    )
    known = [instant for instant in (changed, added) if instant is not None]
    return min(known, default=run.started_at) - timedelta(microseconds=1)


# --- products --------------------------------------------------------------------------------------------------------


def _products(session: CrmSession, run: ImportRun, rows: Sequence[ImportRow], tally: _Tally) -> None:
    final = _final_versions(session, run, [cast(UUID, row.record_id) for row in rows])
    handled: set[UUID] = set()
    for row in rows:
        id_ = cast(UUID, row.record_id)
        product = session.get(Product, id_)
        if product is None or id_ in handled:
            continue
        handled.add(id_)
        created, version = final[id_]
        if product.version != version:
            _keep(tally, row, problem(_CHANGED))
        elif not created:
            _restore_product(session, run, product)
            tally.restored += 1
        elif session.scalar(select(PurchaseLine.interaction_id).where(PurchaseLine.product_id == id_).limit(1)):
            _keep(tally, row, problem(_("It is in use: {what}."), what=PurchaseLine.__tablename__))
        else:
            session.delete(product)
            session.flush()
            tally.removed += 1


def _restore_product(session: CrmSession, run: ImportRun, product: Product) -> None:
    lines = session.scalars(
        select(RecordChange)
        .where(
            RecordChange.record_id == product.id,
            RecordChange.recorded_at >= run.started_at,
            RecordChange.operation.startswith("import.batch"),
        )
        .order_by(RecordChange.recorded_at.desc(), RecordChange.id.desc())
    )
    for line in lines:
        for name, (before, _after) in line.changes.items():
            setattr(product, name, UUID(before) if name == "category_id" and before else before)


# --- interactions ----------------------------------------------------------------------------------------------------


def _interactions(session: CrmSession, run: ImportRun, rows: Sequence[ImportRow], tally: _Tally) -> None:
    ids = list(dict.fromkeys(cast(UUID, row.record_id) for row in rows))
    done = set(session.scalars(select(Interaction.reverses_id).where(Interaction.reverses_id.in_(ids))))
    present = set(session.scalars(select(Interaction.id).where(Interaction.id.in_(ids))))
    for id_ in ids:
        if id_ in present and id_ not in done:
            session.run("interaction.reverse", {"reason": f"import {run.id}"}, target=id_)
            tally.reversed += 1
    # Its source may name it anew: the reversed one does not count any more.
    session.execute(delete(InteractionKey).where(InteractionKey.interaction_id.in_(ids)))


OPERATIONS: list[Any] = [begin_revert, revert_batch, end_revert]
