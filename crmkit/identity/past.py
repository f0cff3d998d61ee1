"""The history of what a merge changes or leaves out, so that a customer can still be read as of an earlier time.

Must not know what is decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import insert, select

from crmkit.core.customers.models import Customer, CustomerIdentifier, CustomerTag
from crmkit.core.customers.tags import FIELDS, keep_set
from crmkit.core.store.clock import system_now
from crmkit.core.store.history import plain
from crmkit.core.store.ids import new_id
from crmkit.core.store.sealed import tokens_of
from crmkit.core.store.session import CrmSession
from crmkit.core.store.tables import RecordChange
from crmkit.identity.deciding import Decision
from crmkit.identity.images import id_of

_tag: Any = cast(Any, CustomerTag).__table__
_identifier: Any = cast(Any, CustomerIdentifier).__table__
_QUIET = frozenset({"version", "updated_at"})


def lines_of(session: CrmSession, decision: Decision, customer_id: UUID) -> Iterator[dict[str, Any]]:
    """Return the lines of the history for the records of a place that a merge is about to leave out, as far as the
    history of its model is kept."""
    model = session.gate.registry.models.get(decision.place.table)
    if model is None or not getattr(model, "__history__", False) or not decision.removed:
        return
    ids = [found for key in decision.removed if (found := id_of(decision.before[key].get("id"))) is not None]
    for row in typed_rows(session, model, ids):
        yield line(session, model, row, customer_id, "delete", {name: (value, None) for name, value in row.items()})


def typed_rows(session: CrmSession, model: Any, ids: Sequence[UUID]) -> list[Mapping[str, Any]]:
    """Return rows of a model with values of its types."""
    table = model.__table__
    return [
        dict(row) for row in session.connection().execute(select(table).where(table.c.id.in_(ids))).mappings().all()
    ]


def line(
    session: CrmSession,
    model: Any,
    row: Mapping[str, Any],
    customer_id: UUID,
    kind: str,
    changes: Mapping[str, tuple[Any, Any]],
) -> dict[str, Any]:
    """Return one line of the history; what it tells of a column is before and after."""
    tokens = {cast(str, name) for name in tokens_of(model)}
    return {
        "id": new_id(),
        "recorded_at": system_now(),
        "table_name": model.__tablename__,
        "record_id": row["id"],
        "customer_id": customer_id,
        "kind": kind,
        "actor_id": session.actor.id,
        "operation": session.unit.operation,
        "changes": {
            name: [plain(before), plain(after)]
            for name, (before, after) in changes.items()
            if name not in tokens and name not in _QUIET
        },
    }


def updates(
    session: CrmSession,
    model: Any,
    before: Iterable[Mapping[str, Any]],
    after: Mapping[Any, Mapping[str, Any]],
    customer_id: UUID,
) -> Iterator[dict[str, Any]]:
    """Return the lines of the history for rows of a model that were changed, ``after`` by their ids."""
    for row in before:
        now = after.get(row["id"])
        if now is None:
            continue
        changes = {name: (value, now[name]) for name, value in row.items() if now[name] != value and name not in _QUIET}
        if changes:
            yield line(session, model, row, customer_id, "update", changes)


def sets_of(session: CrmSession, customer_id: UUID) -> dict[str, list[Any]]:
    """Return what belongs to a customer as sets, by the names under which its history keeps them, inside a region."""
    connection = session.connection()
    tags = connection.execute(select(_tag.c.kind, _tag.c.name).where(_tag.c.customer_id == customer_id)).all()
    pairs = select(_identifier.c.source, _identifier.c.external_id).where(_identifier.c.customer_id == customer_id)
    return {
        **{field: sorted(name for each, name in tags if each == kind) for kind, field in FIELDS.items()},
        "identifiers": sorted((row[0], row[1]) for row in connection.execute(pairs)),
    }


def keep_sets(session: CrmSession, customer: Customer, before: Mapping[str, list[Any]]) -> None:
    """Keep in a customer's history what has changed of its sets."""
    for name, after in sets_of(session, customer.id).items():
        if before[name] != after:
            keep_set(session, customer, name, before[name], after)


def write(session: CrmSession, lines: Iterable[Mapping[str, Any]]) -> None:
    """Write lines of the history."""
    rows = [dict(each) for each in lines]
    if rows:
        table: Any = cast(Any, RecordChange).__table__
        session.connection().execute(insert(table), rows)
